using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Vision;

/// <summary>Frames far apart are sought in their file; they are those of a whole decoding.</summary>
public sealed class VideoSeekTests
{
    private const int Factor = 28;
    private static readonly VideoSampling s_two = new() { FrameCount = 2, MinPixels = 784, MaxPixels = 3136 };
    private Clips clips = null!;

    [SetUp]
    public void Open() => clips = new Clips();

    [TearDown]
    public void Close() => clips?.Dispose(); // null where the fixture is skipped

    [TestCase("clip.mp4", "-c:v", "mpeg4", "-q:v", "1", "-bf", "2", "-g", "12")]
    [TestCase("clip.mkv", "-c:v", "mpeg4", "-q:v", "1", "-bf", "2", "-g", "12")]
    [TestCase("clip.avi", "-c:v", "mpeg4", "-q:v", "1", "-g", "12")]
    [TestCase("clip.ts", "-c:v", "mpeg2video", "-q:v", "1", "-bf", "2", "-g", "12")]
    [TestCase("clip.mov", "-c:v", "ffv1")]
    [TestCase("clip.webm", "-c:v", "libvpx-vp9", "-lossless", "1", "-cpu-used", "8", "-g", "12")]
    public void Read_BySeeking_GivesTheFramesOfAWholeDecoding(string name, params string[] encode)
    {
        var path = clips.Grey(name, Clips.MostFrames, encode: encode);
        foreach (var start in new double?[] { null, 2.3, 4.05 })
        {
            var video = new VideoFile(path, s_two with { Start = start });

            var sought = new VideoReader().Read(video, Factor);
            var whole = new VideoReader { Seeks = false }.Read(video, Factor);

            sought.Selection.Numbers.Should().Equal(whole.Selection.Numbers);
            foreach (var (found, right) in sought.Frames.Zip(whole.Frames))
            {
                Clips.NumberOf(found).Should().Be(Clips.NumberOf(right), $"from {start} s");
                found.Pixels.SequenceEqual(right.Pixels).Should().BeTrue();
            }
        }
    }

    [Test]
    public void Read_BySeeking_OfAnEditList_LeavesOutWhatItHides()
    {
        var whole = clips.Grey("whole.mp4", Clips.MostFrames, encode: ["-c:v", "mpeg4", "-q:v", "1", "-g", "10"]);
        var path = clips.Run("cut.mp4", "-ss", "1.5", "-i", whole, "-c", "copy");

        new VideoReader().Read(new VideoFile(path, s_two), Factor).Frames.Select(Clips.NumberOf).Should().Equal(15, 69);
    }

    // The frames' times are n² / 100 seconds.
    [Test]
    public void Read_BySeeking_OfVariableRate_CountsFramesNotTime()
    {
        var path = clips.Grey("clip.mkv", Clips.MostFrames, encode: [
            "-vf", "settb=1/1000,setpts=10*N*N", "-fps_mode", "passthrough", "-enc_time_base", "1:1000", "-c:v", "mpeg4", "-q:v", "1", "-g", "12",
        ]);

        new VideoReader().Read(new VideoFile(path, s_two), Factor).Frames.Select(Clips.NumberOf).Should().Equal(0, 69);
    }

    // What is missing is not counted: the last frame is the last that is there.
    [Test]
    public void Read_BySeeking_OfAFileCutShort_GivesTheFramesThatAreThere()
    {
        var path = clips.Grey("clip.mp4", Clips.MostFrames, encode: ["-c:v", "mpeg4", "-q:v", "1", "-g", "12", "-movflags", "+faststart"]);
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(bytes.Length * 2 / 3)]);

        var video = new VideoReader().Read(new VideoFile(path, s_two), Factor);

        video.Clip.Frames.Should().BeInRange(10, 60);
        video.Frames.Select(Clips.NumberOf).Should().Equal(video.Selection.Numbers);
    }

    [Test]
    public void Of_FramesFarApart_IsAPassEach_OfFramesNearEachOther_IsOne()
    {
        var index = Index(1000, every: 50);

        FrameRuns.Of([10, 500, 990], index).Select(r => r.Numbers).Should().BeEquivalentTo<IReadOnlyList<int>>([[10], [500], [990]]);
        FrameRuns.Of([510, 515, 520], index).Should().ContainSingle().Which.First.Should().Be(500);
        FrameRuns.Of([.. Enumerable.Range(0, 1000)], index).Should().ContainSingle().Which.Start.Should().BeNull();
        FrameRuns.Of([10, 990], null).Should().ContainSingle().Which.Start.Should().BeNull();
    }

    [Test]
    public void Of_PacketsWithoutTimes_OrWithOneTwice_IsNoIndex()
    {
        ClipIndex.Of([new(0, 0, true), new(null, null, false)]).Should().BeNull();
        ClipIndex.Of([new(0, 0, true), new(1, 1, false), new(1, 1, false)]).Should().BeNull();
        ClipIndex.Of([new(0, 0, false), new(1, 1, true)]).Should().BeNull();
        ClipIndex.Of([new(0, 0, true), new(1_000_000, 1, true)]).Should().BeNull("a tick is a microsecond");
        ClipIndex.Of([]).Should().BeNull();
        ClipIndex.Of([new(0, 0, true), new(2, 2, false), new(1, 1, false)])!.Seconds.Should().Equal(0, 1, 2);
    }

    private static ClipIndex Index(int frames, int every) =>
        ClipIndex.Of([.. Enumerable.Range(0, frames).Select(n => new ClipPacket(n, (double)n / 30, n % every == 0))])!;
}
