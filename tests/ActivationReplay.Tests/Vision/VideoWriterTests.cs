using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Vision;

public sealed class VideoWriterTests
{
    private string folder = null!;

    [SetUp]
    public void Create() => folder = Directory.CreateTempSubdirectory("writer-").FullName;

    [TearDown]
    public void Delete() => Directory.Delete(folder, recursive: true);

    [Test]
    public void Write_ThenRead_GivesTheFramesBack()
    {
        Assume.That(new VideoReader().IsAvailable, "ffmpeg and ffprobe are not installed.");
        var path = Path.Combine(folder, "a.mp4");
        RgbImage[] frames = [.. Enumerable.Range(0, 8).Select(Noise)];

        new VideoWriter().Write(path, frames, 4);

        var sampling = new VideoSampling { FrameCount = 8, MinPixels = 56 * 28, MaxPixels = 56 * 28 };
        var read = new VideoReader().Read(new VideoFile(path, sampling), 28);
        read.Selection.FramesPerSecond.Should().Be(4);
        read.Frames.Should().HaveCount(8);
        foreach (var (own, back) in frames.Zip(read.Frames))
        {
            back.Pixels.SequenceEqual(own.Pixels).Should().BeTrue("the encoder loses nothing");
        }

        Directory.GetFileSystemEntries(folder).Should().ContainSingle();
    }

    [Test]
    public void Write_WithoutFfmpeg_SaysWhatToInstall_AndLeavesNothing()
    {
        var write = () => new VideoWriter(folder).Write(Path.Combine(folder, "a.mp4"), [Noise(0)], 4);
        write.Should().Throw<MediaException>().WithMessage("*a.mp4*ffmpeg*");
        Directory.GetFileSystemEntries(folder).Should().BeEmpty();
    }

    [Test]
    public void Write_OfFramesThatDifferInSize_IsRefused()
    {
        var write = () => new VideoWriter().Write(Path.Combine(folder, "a.mp4"), [Noise(0), new RgbImage(28, 28, new byte[28 * 28 * 3])], 4);
        write.Should().Throw<ArgumentException>().WithMessage("*one size*56×28*");
    }

    private static RgbImage Noise(int seed)
    {
        var pixels = new byte[56 * 28 * 3];
        new Random(seed).NextBytes(pixels);
        return new RgbImage(56, 28, pixels);
    }
}
