using System.Globalization;
using ActivationReplay.Vision;

namespace ActivationReplay.Benchmarks.Videos;

/// <summary>
/// A film at 1080p of any length: 23 seconds of ffmpeg's moving test picture, encoded once and repeated without encoding it again, so
/// that ten minutes of it take seconds to make. 23 seconds share no divisor with the steps between few frames of ten minutes: those
/// that are read differ.
/// </summary>
internal static class Film
{
    /// <summary>Frames a second.</summary>
    public const int Rate = 30;

    private const int Width = 1920;
    private const int Height = 1080;
    private const int PatternSeconds = 23;

    /// <summary>The film in a folder: that which is there, or a new one.</summary>
    /// <param name="folder">Where it is kept, as film-SECONDSs.mp4.</param>
    /// <param name="seconds">Its length.</param>
    /// <returns>Its path.</returns>
    /// <exception cref="ArgumentException">The file that is there is another film.</exception>
    /// <exception cref="MediaException">ffmpeg is missing or fails.</exception>
    public static string In(string folder, int seconds)
    {
        var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"film-{seconds}s.mp4"));
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(folder);
            Make(path, seconds);
        }

        var clip = new VideoReader().Probe(path);
        return clip.Frames == seconds * Rate && clip is { Width: Width, Height: Height, FramesPerSecond: Rate }
            ? path
            : throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"{path} has {clip.Frames} frames of {clip.Width}×{clip.Height} pixels, {clip.FramesPerSecond:0.###} a second; "
                + $"{seconds * Rate} of {Width}×{Height}, {Rate} a second, are needed: delete it, and it is made again."));
    }

    private static void Make(string path, int seconds)
    {
        // Renamed when whole: a film that was broken off is none.
        var (pattern, film) = ($"{path}.pattern.mp4", $"{path}.part.mp4");
        try
        {
            var source = string.Create(CultureInfo.InvariantCulture, $"testsrc2=size={Width}x{Height}:rate={Rate}:duration={Math.Min(seconds, PatternSeconds)}");
            FilmSeeks.Ffmpeg(
                path,
                "-y", "-f", "lavfi", "-i", source, "-c:v", "libx264", "-preset", "ultrafast", "-crf", "40", "-g", "250", "-bf", "0", "-pix_fmt", "yuv420p", pattern);
            FilmSeeks.Ffmpeg(
                path,
                "-y", "-stream_loop", "-1", "-i", pattern, "-map", "0:v", "-c", "copy", "-frames:v", (seconds * Rate).ToString(CultureInfo.InvariantCulture), film);
            File.Move(film, path);
        }
        finally
        {
            File.Delete(pattern);
            File.Delete(film);
        }
    }
}
