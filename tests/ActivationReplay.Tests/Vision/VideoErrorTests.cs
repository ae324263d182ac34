using System.Text;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Vision;

/// <summary>Files that are no clips, clips that are broken or too large, and programs that are not there.</summary>
public sealed class VideoErrorTests
{
    private const int Factor = 28;
    private Clips clips = null!;

    [SetUp]
    public void Open() => clips = new Clips();

    [TearDown]
    public void Close() => clips?.Dispose(); // null where the fixture is skipped

    [Test]
    public void Read_WithoutThePrograms_SaysWhatToInstall()
    {
        var reader = new VideoReader(Directory.CreateDirectory(clips.PathOf("empty")).FullName);

        reader.IsAvailable.Should().BeFalse();
        Read(reader, clips.Grey("clip.mp4")).Should().Throw<MediaException>()
            .WithMessage("*clip.mp4: needs the programs ffmpeg and ffprobe, which are not in *empty. Install them: apt-get *");
    }

    [Test]
    public void Read_WithProgramsThatDoNotStart_IsAMediaError()
    {
        Assume.That(OperatingSystem.IsWindows(), Is.False, "Windows has no executable flag.");
        var folder = Directory.CreateDirectory(clips.PathOf("broken")).FullName;
        File.WriteAllText(Path.Combine(folder, "ffmpeg"), "");
        File.WriteAllText(Path.Combine(folder, "ffprobe"), "");

        Read(new VideoReader(folder), clips.Grey("clip.mp4")).Should().Throw<MediaException>()
            .WithMessage("*ffprobe cannot be started: *");
    }

    [Test]
    public void Read_OfNoFile_NamesIt() =>
        Read(new VideoReader(), clips.PathOf("absent.mp4")).Should().Throw<MediaException>()
            .WithMessage("*absent.mp4: there is no such file.");

    [Test]
    public void Read_OfText_IsAMediaError() =>
        Read(clips.Write("text.mp4", "This is no video."u8)).Should().Throw<MediaException>()
            .WithMessage("*text.mp4: is no video that ffmpeg can read: *Invalid data*");

    [Test]
    public void Read_OfAClipWithoutItsEnd_IsAMediaError()
    {
        var whole = File.ReadAllBytes(clips.Grey("whole.mp4"));

        Read(clips.Write("half.mp4", whole.AsSpan(0, whole.Length / 2))).Should().Throw<MediaException>()
            .WithMessage("*moov atom not found*");
    }

    [Test]
    public void Read_OfSound_SaysThatThereIsNoVideo()
    {
        var path = clips.Run("sound.mp4", "-f", "lavfi", "-i", "sine=d=1");

        Read(path).Should().Throw<MediaException>().WithMessage("*sound.mp4: has no video in it.");
    }

    // A playlist could name any file of the machine.
    [TestCase("playlist.mp4", "#EXTM3U\n#EXTINF:1,\nclip.ts\n#EXT-X-ENDLIST\n")]
    [TestCase("list.mp4", "ffconcat version 1.0\nfile clip.ts\n")]
    public void Read_OfAListOfOtherFiles_IsRefused(string name, string list)
    {
        clips.Grey("clip.ts");

        Read(clips.Write(name, Encoding.ASCII.GetBytes(list))).Should().Throw<MediaException>()
            .WithMessage("*is no video that ffmpeg can read*");
    }

    [Test]
    public void Read_OfFramesThatCannotBeDecoded_CountsWhatCan()
    {
        var path = clips.Grey("clip.avi", encode: ["-c:v", "mjpeg"]);
        var bytes = File.ReadAllBytes(path);
        var last = bytes.AsSpan().LastIndexOf((byte[])[0xFF, 0xD8, 0xFF]);
        bytes.AsSpan(last, bytes.AsSpan(last).IndexOf((byte[])[0xFF, 0xD9])).Clear();

        Read(clips.Write("broken.avi", bytes)).Should().Throw<MediaException>()
            .WithMessage("*broken.avi: is corrupt or cut short: 7 of the 8 frames asked for can be decoded.*");
    }

    [Test]
    public void Read_OfTooFewFrames_SaysHowMany() =>
        Read(clips.Grey("one.mp4", frames: 1)).Should().Throw<MediaException>()
            .WithMessage("*one.mp4: has 1 frames to take 8 from*");

    [Test]
    public void Read_OverTheLimits_IsRefusedBeforeDecoding()
    {
        var path = clips.Grey("clip.mp4");

        Read(new VideoReader { PixelLimit = (64 * 48) - 1 }, path).Should().Throw<MediaException>()
            .WithMessage("*claims 64×48 pixels; the limit is 3071.");
        Read(new VideoReader { FrameLimit = 39 }, path).Should().Throw<MediaException>()
            .WithMessage("*has over 39 frames, the limit.");
        Read(new VideoReader { PixelLimit = 64 * 48, FrameLimit = 40 }, path).Should().NotThrow();
    }

    [Test]
    public void Read_OverItsTime_EndsThePrograms()
    {
        var reader = new VideoReader(ProgramsThatHang()) { TimeLimit = TimeSpan.FromSeconds(1) };
        var read = Read(reader, clips.Grey("clip.mp4"));

        read.Should().Throw<MediaException>().WithMessage("*clip.mp4: took longer than 00:00:01, the limit.");
    }

    [Test]
    public void Read_WhenCancelled_EndsThePrograms()
    {
        var reader = new VideoReader(ProgramsThatHang());
        var video = new VideoFile(clips.Grey("clip.mp4"), new VideoSampling());
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(1));

        var read = () => reader.Read(video, Factor, cancellationToken: cancel.Token);

        read.Should().Throw<OperationCanceledException>();
        read.Should().Throw<OperationCanceledException>("a second call does not even begin");
    }

    // The real ffprobe, and an ffmpeg that never ends by itself.
    private string ProgramsThatHang()
    {
        Assume.That(OperatingSystem.IsWindows(), Is.False, "The program is a shell script.");
        var folder = Directory.CreateDirectory(clips.PathOf("hanging")).FullName;
        var ffmpeg = Path.Combine(folder, "ffmpeg");
        File.WriteAllText(ffmpeg, "#!/bin/sh\n[ \"$1\" = -version ] || exec sleep 60\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(ffmpeg, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        File.CreateSymbolicLink(Path.Combine(folder, "ffprobe"), FfmpegPrograms.Find(null)!.Probe);
        return folder;
    }

    private static Action Read(string path) => Read(new VideoReader(), path);

    private static Action Read(VideoReader reader, string path) => () => reader.Read(new VideoFile(path, new VideoSampling
    {
        FrameCount = 8,
        MinPixels = 784,
        MaxPixels = 3136,
    }), Factor);
}
