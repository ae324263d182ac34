using System.CommandLine;
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
/// frames and decode them, as many at a time, and to decode the whole film.
/// </summary>
internal static class VideoCommand
{
    /// <summary>Name of the command and its file.</summary>
    public const string FileName = "video";

    /// <summary>Frames of the first row, which is the one that a goal is set for.</summary>
    public const int Few = 16;

    /// <summary>Frames of a long row.</summary>
    public const int Many = 240;

    private const int Factor = 28;
    private const long Pixels = 200_704;

    public static Command Create(MeasureCommandOptions measured)
    {
        var options = new VideoOptions();
        var command = new Command(FileName, "Read frames of a long film, beside what ffmpeg alone needs for them. Each row is written to video.unfinished.md as soon as it is measured; with the last one it is video.md.");
        options.AddTo(command);
        command.SetAction(parsed => Run(measured.Read(parsed), options.Read(parsed)));
        return command;
    }

    private static int Run(MeasureOptions options, VideoWork work)
    {
        var temporary = work.Folder is null ? Directory.CreateTempSubdirectory("film-").FullName : null;
        try
        {
            Measure(options, work, Film.In(work.Folder ?? temporary!, work.Seconds));
            return ExitCode.Success;
        }
        finally
        {
            if (temporary is not null)
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    private static void Measure(MeasureOptions options, VideoWork work, string film)
    {
        Directory.CreateDirectory(options.Output);
        var path = Path.Combine(options.Output, $"{FileName}.unfinished.md");
        string[] header = [$"of {work.Seconds} seconds at 1080p", "read, resized", "sought and decoded by ffmpeg", "ratio", "equal to ffmpeg's"];
        var rows = new List<IReadOnlyList<string>>();
        Add(Row(film, Few, (ours, floor) => Medians.Interleave(Math.Min(3, options.Rounds), ours, floor)));
        if (!work.Brief)
        {
            Add(Row(film, Many, (ours, floor) => [[ours()], [floor()]]));
            Add(["every frame decoded by ffmpeg, none read", "–", Text(Timed(() => FilmSeeks.DecodeAll(film)), "0.00 s"), "–", "–"]);
        }

        // A table that is there is replaced by a whole one alone.
        File.Move(path, Path.Combine(options.Output, $"{FileName}.md"), overwrite: true);

        void Add(IReadOnlyList<string> row)
        {
            rows.Add(row);
            Console.WriteLine(string.Join("; ", header.Zip(row).Select((cell, i) => i == 0 ? cell.Second : $"{cell.First} {cell.Second}")));
            MarkdownReport.Write(path, options, $"{FileName}{VideoOptions.Again(work)}", header, rows);
        }
    }

    private static IReadOnlyList<string> Row(string film, int count, Func<Func<double>, Func<double>, double[][]> measure)
    {
        var video = new VideoFile(film, new VideoSampling { FrameCount = count, MaxPixels = Pixels });
        var read = new VideoReader().Read(video, Factor);
        var numbers = read.Selection.Numbers;
        var measured = measure(
            () => Timed(() => new VideoReader().Read(video, Factor)),
            () => Timed(() => FilmSeeks.Decode(film, numbers)));
        var equal = FilmSeeks.Frames(film, numbers).Zip(read.Frames).Count(pair =>
            FrameResizer.Resize(pair.First, pair.Second.Height, pair.Second.Width).Pixels.SequenceEqual(pair.Second.Pixels));
        return
        [
            $"{count} frames", Text(Medians.Of(measured[0]), "0.00 s"), Text(Medians.Of(measured[1]), "0.00 s"),
            Text(Medians.Ratio(measured[0], measured[1]), "0.00"), $"{equal} of {numbers.Count}",
        ];
    }

    private static double Timed(Action action)
    {
        var watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed.TotalSeconds;
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
