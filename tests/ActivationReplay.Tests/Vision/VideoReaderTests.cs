using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Vision;

/// <summary>Clips that ffmpeg can read.</summary>
public sealed class VideoReaderTests
{
    private const int Factor = 28;
    private static readonly VideoSampling s_small = new() { FrameCount = 6, MinPixels = 784, MaxPixels = 3136 };
    private Clips clips = null!;

    [SetUp]
    public void Open() => clips = new Clips();

    [TearDown]
    public void Close() => clips?.Dispose(); // null where the fixture is skipped

    [TestCase("clip.mp4")]
    [TestCase("clip.avi")]
    [TestCase("clip.mkv")]
    [TestCase("clip.ts")]
    [TestCase("clip.webm", "-c:v", "libvpx-vp9", "-lossless", "1", "-cpu-used", "8")]
    public void Read_OfAnyFormat_GivesTheChosenFrames(string name, params string[] encode)
    {
        var path = clips.Grey(name, encode: encode.Length > 0 ? encode : null);

        var video = new VideoReader().Read(new VideoFile(path, s_small), Factor);

        video.Clip.Should().Be(new VideoInfo(path, 40, 10, 64, 48));
        video.Selection.Numbers.Should().Equal(0, 8, 16, 23, 31, 39);
        video.Frames.Select(Clips.NumberOf).Should().Equal(video.Selection.Numbers);
        video.Frames.Should().AllSatisfy(frame => (frame.Height, frame.Width).Should().Be((56, 56)));
    }

    [Test]
    public void Read_OfAllFrames_GivesEachOnce()
    {
        var path = clips.Grey("clip.mp4", Clips.MostFrames);

        var video = new VideoReader().Read(
            new VideoFile(path, s_small with { FrameCount = Clips.MostFrames }), Factor);

        video.Frames.Select(Clips.NumberOf).Should().Equal(Enumerable.Range(0, Clips.MostFrames));
    }

    // Frames n = 0, 1, 2 … at n² / 100 seconds: neither dropped nor repeated to make the rate even.
    [Test]
    public void Read_OfVariableRate_CountsFramesNotTime()
    {
        var path = clips.Grey("clip.mkv", encode: [
            "-vf", "settb=1/1000,setpts=10*N*N", "-fps_mode", "passthrough", "-enc_time_base", "1:1000", "-c:v", "mpeg4", "-q:v", "1",
        ]);

        var video = new VideoReader().Read(new VideoFile(path, s_small), Factor);

        video.Clip.Frames.Should().Be(40);
        video.Frames.Select(Clips.NumberOf).Should().Equal(0, 8, 16, 23, 31, 39);
    }

    // Cut without coding anew: the frames before the cut stay in the file, an edit list hides them.
    [Test]
    public void Read_OfAnEditList_LeavesOutWhatItHides()
    {
        var whole = clips.Grey("whole.mp4", encode: ["-c:v", "mpeg4", "-q:v", "1", "-g", "40"]);
        var path = clips.Run("cut.mp4", "-ss", "1.5", "-i", whole, "-c", "copy");

        var video = new VideoReader().Read(new VideoFile(path, s_small with { FrameCount = 2 }), Factor);

        video.Clip.Frames.Should().Be(25);
        video.Frames.Select(Clips.NumberOf).Should().Equal(15, 39);
    }

    [Test]
    public void Read_BetweenTimes_GivesTheFramesThere()
    {
        var path = clips.Grey("clip.mp4");

        var video = new VideoReader().Read(new VideoFile(path, s_small with { FrameCount = 4, Start = 1, End = 2.5 }), Factor);

        video.Frames.Select(Clips.NumberOf).Should().Equal(10, 15, 20, 25);
    }

    [Test]
    public void Read_OfATurnedClip_TurnsItsFrames()
    {
        var path = clips.Grey("clip.mp4", size: "112x56");
        Clips.Turn(path);

        var video = new VideoReader().Read(new VideoFile(path, s_small with { MaxPixels = 6272 }), Factor);

        (video.Frames[0].Height, video.Frames[0].Width).Should().Be((112, 56));
    }

    // swscale rounds ten bits roughly, up to two grey levels off.
    [Test]
    public void Read_OfTenBits_GivesBytes()
    {
        var path = clips.Grey("clip.mkv", encode: ["-c:v", "ffv1", "-pix_fmt", "yuv420p10le", "-colorspace", "bt709"]);

        var video = new VideoReader().Read(new VideoFile(path, s_small), Factor);

        video.Frames.Select(Clips.NumberOf).Should().Equal([0, 8, 16, 23, 31, 39], (a, b) => Math.Abs(a - b) <= 1);
    }

    [TestCase("-i.mp4")]
    [TestCase("with space 100%d.mp4")]
    [TestCase("http:--x.mp4")]
    [TestCase("größe '-y' [0:v],null;$(id).mp4")]
    [TestCase("\"quoted\" -y \\\".mp4", Description = "ends FFMpegCore's quotes")]
    [TestCase("backslash\\", Description = "escapes FFMpegCore's quote")]
    public void Read_OfAnyName_ReadsThatFile(string name)
    {
        if (OperatingSystem.IsWindows() && name.AsSpan().ContainsAny('"', ':', '\\'))
        {
            Assert.Ignore("No name on Windows.");
        }

        File.Move(clips.Grey("clip.mp4"), clips.PathOf(name));

        var video = new VideoReader().Read(new VideoFile(clips.PathOf(name), s_small), Factor);

        video.Frames.Select(Clips.NumberOf).Should().Equal(video.Selection.Numbers);
    }

    [Test]
    public void Read_LeavesNoTensors()
    {
        var path = clips.Grey("clip.mp4");
        var before = Tensor.TotalCount;

        new VideoReader().Read(new VideoFile(path, s_small), Factor);

        Tensor.TotalCount.Should().Be(before);
    }

    [Test]
    public void Resize_OfConstant_IsThatConstant()
    {
        var resized = FrameResizer.Resize(Pictures.Constant(31, 17, 1, 128, 254), 28, 56);

        resized.Pixels.ToArray().Should().Equal(Pictures.Constant(56, 28, 1, 128, 254).Pixels.ToArray());
    }
}
