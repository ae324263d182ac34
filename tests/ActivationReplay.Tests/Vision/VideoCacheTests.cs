using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Vision;

public sealed class VideoCacheTests
{
    private const int Factor = 28;
    private const int FrameBytes = 56 * 56 * 3;
    private static readonly VideoSampling s_small = new() { FrameCount = 2, MinPixels = 784, MaxPixels = 3136 };
    private Clips clips = null!;

    [SetUp]
    public void Open() => clips = new Clips();

    [TearDown]
    public void Close() => clips?.Dispose(); // null where the fixture is skipped

    [Test]
    public void Read_Again_DecodesOnce()
    {
        var cache = new VideoCache(new VideoReader());
        var path = clips.Grey("clip.mp4");

        Parallel.For(0, 4, _ => cache.Read(new VideoFile(path, s_small), Factor));

        cache.Decoded.Should().Be(1);
        cache.Read(new VideoFile(path, s_small), Factor).Should().BeSameAs(cache.Read(new VideoFile(path, s_small with { }), Factor));
    }

    [Test]
    public void Read_WithOtherSettings_OrOfAFileThatChanged_DecodesAnew()
    {
        var cache = new VideoCache(new VideoReader());
        var path = clips.Grey("clip.mp4");
        cache.Read(new VideoFile(path, s_small), Factor);

        cache.Read(new VideoFile(path, s_small with { FrameCount = 4 }), Factor).Frames.Should().HaveCount(4);
        clips.Grey("clip.mp4", frames: 20);
        cache.Read(new VideoFile(path, s_small), Factor).Clip.Frames.Should().Be(20);

        cache.Decoded.Should().Be(3);
    }

    [Test]
    public void Read_OfMoreThanFits_LetsTheOldestGo()
    {
        var cache = new VideoCache(new VideoReader(), capacity: 2 * 2 * FrameBytes);
        string[] paths = [clips.Grey("a.mp4"), clips.Grey("b.mp4"), clips.Grey("c.mp4")];
        foreach (var path in new[] { paths[0], paths[1], paths[0], paths[2] })
        {
            cache.Read(new VideoFile(path, s_small), Factor);
        }

        cache.Read(new VideoFile(paths[0], s_small), Factor);
        cache.Decoded.Should().Be(3);
        cache.Read(new VideoFile(paths[1], s_small), Factor);
        cache.Decoded.Should().Be(4);
    }

    [Test]
    public void Read_AfterAnError_TriesAgain()
    {
        var cache = new VideoCache(new VideoReader());
        var video = new VideoFile(clips.PathOf("clip.mp4"), s_small);
        FluentActions.Invoking(() => cache.Read(video, Factor)).Should().Throw<MediaException>();

        clips.Grey("clip.mp4");

        cache.Read(video, Factor).Frames.Should().HaveCount(2);
    }
}
