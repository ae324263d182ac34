using System.Globalization;
using ActivationReplay.Files;

namespace ActivationReplay.Vision;

/// <summary>Writes frames as an MP4 file with the program <c>ffmpeg</c>: H.264 of red, green and blue without loss, so that reading gives the frames back.</summary>
/// <param name="binaryFolder">The folder of ffmpeg and ffprobe; null looks in those of the PATH.</param>
public sealed class VideoWriter(string? binaryFolder = null)
{
    private const string Encoder = "libx264rgb";

    /// <summary>Writes a file, whole or not at all.</summary>
    /// <param name="path">The file; it is replaced.</param>
    /// <param name="frames">At least one, all of one size.</param>
    /// <param name="framesPerSecond">Their rate.</param>
    /// <exception cref="MediaException">ffmpeg is missing, or cannot encode: the message has its words.</exception>
    /// <exception cref="ArgumentException">There are no frames, they differ in size, or the rate is not over 0.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Write(string path, IReadOnlyList<RgbImage> frames, double framesPerSecond)
    {
        ArgumentNullException.ThrowIfNull(frames);
        ArgumentOutOfRangeException.ThrowIfZero(frames.Count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(framesPerSecond);
        var (width, height) = (frames[0].Width, frames[0].Height);
        if (frames.Any(f => f.Width != width || f.Height != height))
        {
            throw new ArgumentException($"All frames of {path} must have one size; the first has {width}×{height} pixels.", nameof(frames));
        }

        var programs = FfmpegPrograms.Find(binaryFolder) ?? throw FfmpegPrograms.Missing(path, binaryFolder);
        AtomicFile.WriteBytes(path, Encode(path, programs, frames, framesPerSecond));
    }

    // An MP4's index is written last, at its front: ffmpeg needs a file to go back in.
    private static byte[] Encode(string path, FfmpegPrograms programs, IReadOnlyList<RgbImage> frames, double framesPerSecond)
    {
        var folder = Directory.CreateTempSubdirectory("clip-");
        try
        {
            var (raw, encoded) = (Path.Combine(folder.FullName, "frames.rgb"), Path.Combine(folder.FullName, "clip.mp4"));
            using (var stream = File.Create(raw))
            {
                foreach (var frame in frames)
                {
                    stream.Write(frame.Pixels);
                }
            }

            using var ffmpeg = FfmpegPrograms.Start(path, programs.Ffmpeg,
            [
                "-v", "error", "-nostdin",
                "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", $"{frames[0].Width}x{frames[0].Height}",
                "-framerate", framesPerSecond.ToString(CultureInfo.InvariantCulture), "-i", FfmpegInput.Location(raw),
                "-c:v", Encoder, "-qp", "0", "-bf", "0", "-threads", "1", "-bitexact", FfmpegInput.Location(encoded),
            ]);
            var output = ffmpeg.StandardOutput.ReadToEndAsync();
            var errors = ffmpeg.StandardError.ReadToEnd();
            ffmpeg.WaitForExit();
            output.GetAwaiter().GetResult();
            return ffmpeg.ExitCode == 0
                ? File.ReadAllBytes(encoded)
                : throw new MediaException(path, $"cannot be encoded: ffmpeg with its encoder {Encoder} is needed. {errors.Trim()}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
