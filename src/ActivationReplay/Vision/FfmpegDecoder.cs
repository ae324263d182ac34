using System.ComponentModel;
using System.Globalization;
using FFMpegCore;
using FFMpegCore.Exceptions;

namespace ActivationReplay.Vision;

/// <summary>Decodes chosen frames of a clip through a pipe; nothing is written to disk.</summary>
internal static class FfmpegDecoder
{
    // How long ffmpeg may take to end by itself when it is told to.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);

    /// <param name="clip">The clip.</param>
    /// <param name="numbers">The frames, in time order.</param>
    /// <param name="programs">Where ffmpeg is.</param>
    /// <param name="limits">Most pixels of a frame.</param>
    /// <param name="finish">What becomes of each frame.</param>
    /// <param name="cancel">Ends ffmpeg.</param>
    /// <returns>A frame for every number.</returns>
    /// <exception cref="MediaException">The clip is corrupt or cut short.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; ffmpeg is ended.</exception>
    public static IReadOnlyList<RgbImage> Run(
        VideoInfo clip,
        IReadOnlyList<int> numbers,
        FfmpegPrograms programs,
        PixelLimit limits,
        Func<RgbImage, RgbImage> finish,
        CancellationToken cancel)
    {
        // Far into a long clip single precision may choose a frame twice; ffmpeg gives it once.
        int[] distinct = [.. numbers.Distinct()];
        var sink = new PpmSink(limits, distinct.Length, finish);
        var restrictions = string.Join(' ', FfmpegInput.Restrictions.Append("-max_pixels").Append(MostPixels(limits)));
        var result = Start(clip, programs.Options, FFMpegArguments
            .FromInput(new FfmpegInput(clip.Name), input => input.WithCustomArgument(restrictions))
            .OutputToPipe(sink, output => output
                .WithCustomArgument($"-map 0:V:0 -filter:v \"{Filter(distinct)}\" -r 1 -frames:v {distinct.Length}"))
            .CancellableThrough(cancel, s_grace));
        cancel.ThrowIfCancellationRequested();
        sink.Failure?.Throw();
        if (sink.Frames.Count < distinct.Length)
        {
            throw new MediaException(
                clip.Name,
                $"is corrupt or cut short: {sink.Frames.Count} of the {distinct.Length} frames asked for can be decoded. "
                + string.Join(' ', result.StandardError.Take(3)));
        }

        return [.. numbers.Select(number => sink.Frames[Array.BinarySearch(distinct, number)])];
    }

    // A clip may change its size within. Codecs pad their pictures, hence the slack.
    private static string MostPixels(PixelLimit limits) =>
        ((2 * Math.Min(limits.Pixels, int.MaxValue)) + (1 << 20)).ToString(CultureInfo.InvariantCulture);

    private static FFMpegResult Start(VideoInfo clip, FFOptions options, FFMpegArgumentProcessor ffmpeg)
    {
        try
        {
            return ffmpeg.ProcessSynchronously(throwOnError: false, options);
        }
        catch (Exception error) when (error is FFMpegException or Win32Exception)
        {
            throw new MediaException(clip.Name, $"ffmpeg cannot be started: {error.Message}", error);
        }
    }

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
