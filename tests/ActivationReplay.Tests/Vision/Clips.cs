using System.Buffers.Binary;
using System.Diagnostics;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Vision;

/// <summary>Clips whose frames tell their number: frame n is grey, of luminance 20 + 3n.</summary>
internal sealed class Clips : IDisposable
{
    /// <summary>Longest clip whose frames can be told apart.</summary>
    public const int MostFrames = 70;

    private readonly string folder = Directory.CreateTempSubdirectory("clips-").FullName;

    /// <summary>Skips the test where the programs are missing; .ci/run installs them.</summary>
    public Clips() => Assume.That(new VideoReader().IsAvailable, "ffmpeg and ffprobe are not installed.");

    public string PathOf(string name) => Path.Combine(folder, name);

    /// <summary>A clip of MPEG-4 frames, every second to fourth of them predicted from both sides.</summary>
    public string Grey(string name, int frames = 40, int rate = 10, string size = "64x48", string[]? encode = null) => Run(
        name,
        [
            "-f", "lavfi", "-i", $"color=black:s={size}:r={rate},format=yuv420p,geq=lum='20+3*N':cb=128:cr=128",
            .. encode ?? ["-c:v", "mpeg4", "-q:v", "1", "-bf", "2"], "-frames:v", $"{frames}",
        ]);

    /// <summary>Runs ffmpeg with the given arguments, the clip's path after them.</summary>
    public string Run(string name, params string[] arguments)
    {
        var path = PathOf(name);
        var start = new ProcessStartInfo("ffmpeg", ["-v", "error", "-y", .. arguments, $"file:{path}"]) { RedirectStandardError = true };
        using var ffmpeg = Process.Start(start)!;
        var errors = ffmpeg.StandardError.ReadToEnd();
        ffmpeg.WaitForExit();
        ffmpeg.ExitCode.Should().Be(0, errors);
        return path;
    }

    public string Write(string name, ReadOnlySpan<byte> bytes)
    {
        File.WriteAllBytes(PathOf(name), bytes);
        return PathOf(name);
    }

    /// <summary>Makes an MP4 say that it is to be shown turned a quarter clockwise.</summary>
    public static void Turn(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var matrix = bytes.AsSpan(bytes.AsSpan().IndexOf("tkhd"u8) + 4 + 40); // behind its times, layer and volume
        int[] quarter = [0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30];
        for (var i = 0; i < quarter.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(matrix[(i * 4)..], quarter[i]);
        }

        File.WriteAllBytes(path, bytes);
    }

    /// <summary>The number that a frame's grey tells.</summary>
    public static int NumberOf(RgbImage frame)
    {
        var middle = frame.Row(frame.Height / 2)[frame.Width / 2 * RgbImage.Channels];
        return (int)Math.Round(((middle * 219 / 255.0) + 16 - 20) / 3); // BT.601, studio range
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
