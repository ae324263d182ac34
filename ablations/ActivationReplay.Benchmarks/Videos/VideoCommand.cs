using System.Diagnostics;
using System.Globalization;
using ActivationReplay.Ablations.Commands;
using ActivationReplay.Benchmarks.Rates;
using ActivationReplay.Benchmarks.Reports;
using ActivationReplay.Benchmarks.Workloads;
using ActivationReplay.Vision;

namespace ActivationReplay.Benchmarks.Videos;

/// <summary>
/// <c>video</c>: frames of a ten-minute film at 1080p, read as the engine reads them, beside what ffmpeg alone needs to seek to those
/// frames and decode them, as many at a time, and to decode the whole film. The film is made of ffmpeg's test picture.
/// </summary>
internal static class VideoCommand
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "video";

    private const int Seconds = 600;
    private const int Rate = 30;
    private const int Factor = 28;
    private const long Pixels = 200_704;

    /// <summary>Measures, prints, writes video.md.</summary>
    public static int Run(MeasureOptions options)
    {
        var folder = Directory.CreateTempSubdirectory("film-").FullName;
        try
        {
            var film = Path.Combine(folder, "film.mp4");
            Ffmpeg(
                "-f", "lavfi", "-i", string.Create(CultureInfo.InvariantCulture, $"testsrc2=size=1920x1080:rate={Rate}:duration={Seconds}"),
                "-c:v", "libx264", "-preset", "ultrafast", "-crf", "32", "-g", "250", "-pix_fmt", "yuv420p", film);
            var rows = new List<IReadOnlyList<string>>();
            foreach (var frames in new[] { 16, 240 })
            {
                var sampling = new VideoSampling { FrameCount = frames, MaxPixels = Pixels };
                var numbers = new VideoReader().Read(new VideoFile(film, sampling), Factor).Selection.Numbers;
                var measured = Medians.Interleave(
                    Math.Min(3, options.Rounds),
                    () => Timed(() => new VideoReader().Read(new VideoFile(film, sampling), Factor)),
                    () => Timed(() => SeekEach(film, numbers)));
                var (ours, floor) = (Medians.Of(measured[0]), Medians.Of(measured[1]));
                rows.Add([Text(frames, "0 frames"), Text(ours, "0.00 s"), Text(floor, "0.00 s"), Text(ours / floor, "0.00")]);
            }

            var whole = Timed(() => Ffmpeg("-i", film, "-map", "0:V:0", "-f", "null", "-"));
            rows.Add(["every frame decoded by ffmpeg, none read", "–", Text(whole, "0.00 s"), "–"]);
            Directory.CreateDirectory(options.Output);
            var path = Path.Combine(options.Output, $"{FileName}.md");
            MarkdownReport.Write(path, options, FileName, ["of ten minutes at 1080p", "read, resized", "sought and decoded by ffmpeg", "ratio"], rows);
            Console.Write(File.ReadAllText(path));
            return ExitCode.Success;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // A process a frame, a thread each, as many at a time as there are cores.
    private static void SeekEach(string film, IReadOnlyList<int> numbers) => Parallel.ForEach(
        numbers,
        new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount },
        number => Ffmpeg(
            "-threads", "1", "-ss", ((number - 0.5) / Rate).ToString("0.000000", CultureInfo.InvariantCulture), "-i", film,
            "-map", "0:V:0", "-frames:v", "1", "-f", "null", "-"));

    private static double Timed(Action action)
    {
        var watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed.TotalSeconds;
    }

    private static void Ffmpeg(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ffmpeg", ["-v", "error", "-nostdin", "-y", .. arguments]) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"ffmpeg: {errors.Trim()}");
        }
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
