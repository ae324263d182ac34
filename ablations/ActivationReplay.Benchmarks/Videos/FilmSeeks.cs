using System.Globalization;
using ActivationReplay.Vision;

namespace ActivationReplay.Benchmarks.Videos;

/// <summary>What ffmpeg alone does for frames of a film: a process a frame, a thread each, as many at a time as there are cores.</summary>
internal static class FilmSeeks
{
    /// <summary>Seeks to each frame and decodes it, and throws it away.</summary>
    public static void Decode(string film, IReadOnlyList<int> numbers) => Each(
        numbers, number => Ffmpeg(film, [.. To(film, number), "-f", "null", "-"]));

    /// <summary>The same frames in full size, their colours converted as the engine converts them.</summary>
    public static IReadOnlyList<RgbImage> Frames(string film, IReadOnlyList<int> numbers)
    {
        var frames = new RgbImage[numbers.Count];
        Each(Enumerable.Range(0, numbers.Count), i =>
        {
            var sink = new PpmSink(new PixelLimit(film, ImageDecoder.DefaultPixelLimit), 1, frame => frame);
            Ffmpeg(film, sink.Read, [.. To(film, numbers[i]), "-filter:v", FfmpegDecoder.Filter([0]), "-c:v", "ppm", "-f", "image2pipe", "pipe:1"]);
            sink.Failure?.Throw();
            frames[i] = sink.Frames is [var frame] ? frame : throw new MediaException(film, $"ffmpeg gave no frame {numbers[i]}.");
        });
        return frames;
    }

    /// <summary>Decodes the whole film.</summary>
    public static void DecodeAll(string film) => Ffmpeg(film, "-i", film, "-map", "0:V:0", "-f", "null", "-");

    /// <summary>Runs ffmpeg.</summary>
    /// <exception cref="MediaException">It is missing, or it failed: the message has its words.</exception>
    public static void Ffmpeg(string film, params IReadOnlyList<string> arguments) => Ffmpeg(film, output => output.CopyTo(Stream.Null), arguments);

    private static void Ffmpeg(string film, Action<Stream> read, IReadOnlyList<string> arguments)
    {
        var programs = FfmpegPrograms.Find(null) ?? throw FfmpegPrograms.Missing(film, null);
        using var process = FfmpegPrograms.Start(film, programs.Ffmpeg, ["-v", "error", "-nostdin", .. arguments]);
        var errors = process.StandardError.ReadToEndAsync();
        read(process.StandardOutput.BaseStream);
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new MediaException(film, $"ffmpeg failed: {errors.GetAwaiter().GetResult().Trim()}");
        }
    }

    // Half a frame before it is shown: whatever rounding does, it is the first one from there on.
    private static IReadOnlyList<string> To(string film, int number) =>
    [
        "-threads", "1", "-ss", (Math.Max(0, number - 0.5) / Film.Rate).ToString("0.000000", CultureInfo.InvariantCulture),
        "-i", film, "-map", "0:V:0", "-frames:v", "1",
    ];

    private static void Each(IEnumerable<int> numbers, Action<int> work) =>
        Parallel.ForEach(numbers, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, work);
}
