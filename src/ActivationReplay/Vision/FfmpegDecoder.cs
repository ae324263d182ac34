using System.Globalization;
using System.Runtime.ExceptionServices;

namespace ActivationReplay.Vision;

/// <summary>Decodes chosen frames of a clip through a pipe; nothing is written to disk.</summary>
internal static class FfmpegDecoder
{
    /// <param name="clip">The clip.</param>
    /// <param name="index">When its frames are shown; null where it cannot be sought in.</param>
    /// <param name="numbers">The frames, in time order.</param>
    /// <param name="programs">Where ffmpeg is.</param>
    /// <param name="limits">Most pixels of a frame.</param>
    /// <param name="finish">What becomes of each frame, by its number; called on several threads.</param>
    /// <param name="cancel">Ends ffmpeg.</param>
    /// <returns>A frame for every number.</returns>
    /// <exception cref="MediaException">The clip is corrupt or cut short.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; ffmpeg is ended.</exception>
    public static IReadOnlyList<RgbImage> Run(
        VideoInfo clip,
        ClipIndex? index,
        IReadOnlyList<int> numbers,
        FfmpegPrograms programs,
        PixelLimit limits,
        Func<int, RgbImage, RgbImage> finish,
        CancellationToken cancel)
    {
        // Far into a long clip single precision may choose a frame twice; ffmpeg gives it once.
        int[] distinct = [.. numbers.Distinct()];
        var runs = FrameRuns.Of(distinct, index);
        var frames = new IReadOnlyList<RgbImage>[runs.Count];
        try
        {
            Parallel.For(
                0,
                runs.Count,
                new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancel },
                r => frames[r] = Run(clip, runs[r], programs, limits, finish, cancel));
        }
        catch (AggregateException error)
        {
            cancel.ThrowIfCancellationRequested();
            ExceptionDispatchInfo.Throw(error.InnerExceptions[0]);
        }

        RgbImage[] all = [.. frames.SelectMany(f => f)];
        return [.. numbers.Select(number => all[Array.BinarySearch(distinct, number)])];
    }

    private static IReadOnlyList<RgbImage> Run(
        VideoInfo clip, FrameRun run, FfmpegPrograms programs, PixelLimit limits, Func<int, RgbImage, RgbImage> finish, CancellationToken cancel)
    {
        var next = 0;
        var sink = new PpmSink(limits, run.Numbers.Count, frame => finish(run.Numbers[next++], frame));
        using var ffmpeg = FfmpegPrograms.Start(clip.Name, programs.Ffmpeg, Arguments(clip, run, limits));
        using var ending = cancel.Register(() => ffmpeg.Kill());
        var errors = ffmpeg.StandardError.ReadToEndAsync(CancellationToken.None);
        sink.Read(ffmpeg.StandardOutput.BaseStream);
        if (sink.Failure is not null)
        {
            ffmpeg.Kill();
        }

        ffmpeg.WaitForExit();
        cancel.ThrowIfCancellationRequested();
        sink.Failure?.Throw();
        return sink.Frames.Count == run.Numbers.Count ? sink.Frames : throw new MediaException(
            clip.Name,
            $"is corrupt or cut short: {sink.Frames.Count} of the {run.Numbers.Count} frames asked for can be decoded. "
            + string.Join(' ', errors.GetAwaiter().GetResult().Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(3)));
    }

    private static IReadOnlyList<string> Arguments(VideoInfo clip, FrameRun run, PixelLimit limits) =>
    [
        "-v", "error", "-nostdin", .. FfmpegInput.Restrictions, "-max_pixels", MostPixels(limits),
        // Several passes share the cores: a thread each.
        .. run.Start is { } start
            ? ["-threads", "1", "-seek_timestamp", "1", "-ss", start.ToString("0.000000", CultureInfo.InvariantCulture)]
            : Array.Empty<string>(),
        "-i", FfmpegInput.Location(clip.Name),
        "-map", "0:V:0", "-filter:v", Filter(run.Numbers.Select(n => n - run.First)), "-r", "1",
        "-frames:v", run.Numbers.Count.ToString(CultureInfo.InvariantCulture),
        "-c:v", "ppm", "-f", "image2pipe", "pipe:1",
    ];

    // A clip may change its size within. Codecs pad their pictures, hence the slack.
    private static string MostPixels(PixelLimit limits) =>
        ((2 * Math.Min(limits.Pixels, int.MaxValue)) + (1 << 20)).ToString(CultureInfo.InvariantCulture);

    // The chosen frames get times of their own, one a second, so that ffmpeg of any version neither drops nor repeats
    // any. Bicubic flags and nothing more: swscale's plain conversion, to which recorded frames are equal; its accurate
    // rounding and full chroma are up to 14/255 off them.
    internal static string Filter(IEnumerable<int> numbers) =>
        $"select='{Choice(numbers)}',settb=1,setpts=N,scale=flags=bicubic,format=rgb24";

    // Sums of sums, as ffmpeg evaluates a long sum by recursion.
    private static string Choice(IEnumerable<int> numbers) => string.Join('+', numbers
        .Select(number => string.Create(CultureInfo.InvariantCulture, $"eq(n,{number})"))
        .Chunk(32)
        .Select(terms => $"({string.Join('+', terms)})"));
}
