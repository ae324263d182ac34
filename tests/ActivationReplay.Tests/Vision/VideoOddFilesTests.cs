using System.Buffers.Binary;
using System.Text;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Vision;

/// <summary>Files that are clips in an unusual way, or hardly: each is read, or refused with a reason.</summary>
public sealed class VideoOddFilesTests
{
    private const int Factor = 28;

    private static readonly VideoSampling s_small = new() { FrameCount = 6, AtMost = true, MinPixels = 3136, MaxPixels = 3136 };

    private Clips clips = null!;

    [SetUp]
    public void Open() => clips = new Clips();

    [TearDown]
    public void Close() => clips?.Dispose(); // null where the fixture is skipped

    [Test]
    public void Read_OfTenHours_SeeksToTheFrames()
    {
        var path = clips.Run("long.mp4", "-f", "lavfi", "-i", "color=gray:s=16x16:r=1/10", "-t", "36000", "-c:v", "mpeg4", "-g", "50");

        var video = new VideoReader { TimeLimit = TimeSpan.FromMinutes(1) }.Read(new VideoFile(path, s_small), Factor);

        video.Clip.Frames.Should().Be(3600);
        video.Frames.Should().HaveCount(6);
    }

    [Test]
    public void Read_OfOneFrame_ShowsItTwice_WhereThatIsAllowed()
    {
        var path = clips.Grey("one.mp4", frames: 1);

        var video = new VideoReader().Read(new VideoFile(path, s_small), Factor);

        video.Frames.Select(Clips.NumberOf).Should().Equal(0, 0);
    }

    [Test]
    public void Read_OfNoFrames_SaysSo() =>
        Refused(clips.Run("none.mp4", "-f", "lavfi", "-i", "color=gray:s=64x48:r=10", "-t", "0", "-c:v", "mpeg4")).Should().Contain("has no video in it");

    [TestCase("stream.mkv", "-live", "1", Description = "Neither a duration nor an index.")]
    [TestCase("pieces.mp4", "-movflags", "frag_keyframe+empty_moov", Description = "A duration of 0.")]
    public void Read_WithoutADurationInItsHeader_CountsFrames(string name, params string[] options)
    {
        var path = clips.Grey(name, encode: ["-c:v", "mpeg4", "-q:v", "1", .. options]);

        var video = new VideoReader().Read(new VideoFile(path, s_small), Factor);

        video.Clip.Frames.Should().Be(40);
        video.Frames.Select(Clips.NumberOf).Should().Equal(0, 8, 16, 23, 31, 39);
    }

    [Test]
    public void Read_OfTransparency_ShowsTheColoursBeneath()
    {
        var opaque = clips.Grey("opaque.mov", encode: ["-c:v", "png", "-pix_fmt", "rgb24"]);
        var path = clips.Run("clear.mov", "-i", opaque, "-vf", "format=rgba,colorchannelmixer=aa=0.3", "-c:v", "png");

        var video = new VideoReader().Read(new VideoFile(path, s_small), Factor);

        video.Frames.Select(Clips.NumberOf).Should().Equal(0, 8, 16, 23, 31, 39);
    }

    [TestCase("stco", 0x7FFFFF00, Description = "Where frames stand: beyond the file.")]
    [TestCase("stsz", -16, Description = "Their sizes: negative.")]
    public void Read_WithABrokenIndex_IsRefused(string box, int value)
    {
        var bytes = File.ReadAllBytes(clips.Grey("clip.mp4"));
        // Flags, in stsz a size that all share, then a count and so many numbers.
        var table = bytes.AsSpan(bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(box)) + (box == "stsz" ? 12 : 8));
        for (var i = 1; i <= BinaryPrimitives.ReadInt32BigEndian(table); i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(table[(4 * i)..], value);
        }

        Refused(clips.Write("broken.mp4", bytes)).Should().Contain("broken.mp4: ");
    }

    [Test]
    public void Read_WithoutTheIndexOfItsEnd_StillFindsFrames()
    {
        var bytes = File.ReadAllBytes(clips.Grey("clip.mkv"));
        bytes.AsSpan(bytes.AsSpan().LastIndexOf((byte[])[0x1C, 0x53, 0xBB, 0x6B]) + 5).Fill(0xFF); // Cues

        var video = new VideoReader().Read(new VideoFile(clips.Write("cues.mkv", bytes), s_small), Factor);

        video.Frames.Select(Clips.NumberOf).Should().Equal(0, 8, 16, 23, 31, 39);
    }

    [Test]
    public void Read_Of16000By16000_IsRefusedBeforeDecoding()
    {
        var path = clips.Run("large.avi", "-f", "lavfi", "-i", "color=gray:s=64x48:r=1", "-frames:v", "2", "-c:v", "mjpeg");
        var bytes = File.ReadAllBytes(path);
        var format = bytes.AsSpan(bytes.AsSpan().IndexOf("strf"u8) + 8); // BITMAPINFOHEADER: its size, width, height
        BinaryPrimitives.WriteInt32LittleEndian(format[4..], 16_000);
        BinaryPrimitives.WriteInt32LittleEndian(format[8..], 16_000);
        // The pictures' own headers, which decide: FFC0, length, precision, height, width.
        for (var at = bytes.AsSpan().IndexOf((byte[])[0xFF, 0xC0, 0x00, 0x11]); at >= 0;)
        {
            BinaryPrimitives.WriteInt16BigEndian(bytes.AsSpan(at + 5), 16_000);
            BinaryPrimitives.WriteInt16BigEndian(bytes.AsSpan(at + 7), 16_000);
            var next = bytes.AsSpan(at + 4).IndexOf((byte[])[0xFF, 0xC0, 0x00, 0x11]);
            at = next < 0 ? -1 : at + 4 + next;
        }

        Refused(clips.Write("huge.avi", bytes)).Should().Contain("claims 16000×16000 pixels; the limit is");
    }

    private static string Refused(string path)
    {
        var read = () => new VideoReader().Read(new VideoFile(path, s_small), Factor);
        return read.Should().Throw<MediaException>().Which.Message;
    }
}
