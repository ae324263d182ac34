using System.Globalization;
using static TorchSharp.torch;

namespace ActivationReplay.Vision;

/// <summary>
/// Which frames of a clip are taken, and in which size: settings, defaults and arithmetic of qwen-vl-utils 0.0.14, with
/// which Qwen2.5-VL is used.
/// </summary>
public sealed record VideoSampling
{
    /// <summary>Frames a second that are taken where neither a rate nor a count is asked for.</summary>
    public const double DefaultFramesPerSecond = 2;

    /// <summary>Smallest area of a frame in pixels where no other is asked for: 128 visual tokens.</summary>
    public const long DefaultMinPixels = 128 * 28 * 28;

    /// <summary>Largest area of a frame in pixels: 768 visual tokens.</summary>
    public const long DefaultMaxPixels = 768 * 28 * 28;

    /// <summary>Most frames that can be taken: each is named on the decoder's command line, whose length is limited.</summary>
    public const int MostFrames = 2048;

    /// <summary>Frames a temporal step of the model; every count is made a multiple of it.</summary>
    internal const int Depth = 2;

    /// <summary>How many frames to take, rounded to the nearest even number (halves to multiples of four).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1 or over <see cref="MostFrames"/>.</exception>
    /// <exception cref="ArgumentException">A rate is set, too.</exception>
    public int? FrameCount
    {
        get;
        init => field = NotBoth<int?>(FramesPerSecond, value is { } count ? InRange(count, 1, nameof(FrameCount)) : null);
    }

    /// <summary>
    /// Whether a clip with fewer frames than <see cref="FrameCount"/> gives those it has, the last one twice where their number is odd;
    /// otherwise it is refused, as qwen-vl-utils refuses it.
    /// </summary>
    public bool AtMost { get; init; }

    /// <summary>How many frames to take a second, instead of <see cref="FrameCount"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a number over 0.</exception>
    /// <exception cref="ArgumentException">A count is set, too.</exception>
    public double? FramesPerSecond
    {
        get;
        init => field = NotBoth<double?>(FrameCount, value is null or (> 0 and < double.PositiveInfinity) ? value
            : throw Invalid(nameof(FramesPerSecond), value, "a number over 0"));
    }

    /// <summary>Fewest frames taken by rate, rounded up to even; a shorter clip gives what it has.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1 or over <see cref="MostFrames"/>.</exception>
    public int MinFrames { get; init => field = InRange(value, 1, nameof(MinFrames)); } = 4;

    /// <summary>Most frames taken by rate, rounded down to even.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 2 or over <see cref="MostFrames"/>.</exception>
    public int MaxFrames { get; init => field = InRange(value, Depth, nameof(MaxFrames)); } = 768;

    /// <summary>Smallest area of a frame in pixels; null takes the caller's or <see cref="DefaultMinPixels"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public long? MinPixels { get; init => field = Positive(value, nameof(MinPixels)); }

    /// <summary>Largest area of a frame in pixels; null takes the caller's or <see cref="DefaultMaxPixels"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public long? MaxPixels { get; init => field = Positive(value, nameof(MaxPixels)); }

    /// <summary>
    /// The most pixels of all temporal steps together: no frame is larger than an equal part of it, unless that is under 1.05 times
    /// the smallest area. The default leaves a tenth of a context of 128 000 tokens to text.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public long TotalPixels { get; init => field = Positive(value, nameof(TotalPixels))!.Value; } = 128_000L * 28 * 28 / 10 * 9;

    /// <summary>Where in the clip to start, in seconds; null is its beginning.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a number from 0.</exception>
    public double? Start { get; init => field = Seconds(value, nameof(Start)); }

    /// <summary>Where in the clip to end, in seconds; null is its end.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a number from 0.</exception>
    public double? End { get; init => field = Seconds(value, nameof(End)); }

    /// <summary>
    /// The frames to take: n numbers evenly spaced from ⌈start · rate⌉ to ⌊end · rate⌋, both included.
    /// </summary>
    /// <exception cref="MediaException">The clip, or what is left between start and end, has too few frames.</exception>
    public FrameSelection Select(VideoInfo clip)
    {
        ArgumentNullException.ThrowIfNull(clip);
        var rate = clip.FramesPerSecond;
        var duration = clip.Frames / rate;
        var first = Start is { } start ? (int)Math.Ceiling(Math.Min(start, duration) * rate) : 0;
        var last = End is { } end ? (int)Math.Floor(Math.Min(end, duration) * rate) : clip.Frames - 1;
        last = Math.Min(last, clip.Frames - 1);
        if (first >= last && (Start is not null || End is not null) && !(AtMost && first == last))
        {
            throw new MediaException(clip.Name, string.Create(
                CultureInfo.InvariantCulture,
                $"has no two frames from {Start ?? 0} s to {End ?? duration} s; it lasts {duration:0.###} s."));
        }

        var inRange = last - first + 1;
        var count = CountOf(inRange, rate);
        if (AtMost && inRange < count && inRange > 0)
        {
            int[] all = [.. Enumerable.Range(first, inRange), .. inRange % Depth == 0 ? Array.Empty<int>() : [last]];
            return new FrameSelection(all, inRange, rate);
        }

        if (count < Depth || count > inRange)
        {
            var needed = Math.Max(Depth, count);
            throw new MediaException(
                clip.Name, $"has {inRange} frames to take {count} from; at least {needed} are needed.");
        }

        return new FrameSelection(Spaced(first, last, count), inRange, (double)count / inRange * rate);
    }

    /// <summary>The size that <paramref name="count"/> frames of a clip are resized to.</summary>
    /// <param name="height">Height of a decoded frame in pixels.</param>
    /// <param name="width">Width of a decoded frame in pixels.</param>
    /// <param name="count">How many frames are taken.</param>
    /// <param name="factor">What both sides are divisible by: the side of a visual token.</param>
    /// <param name="minPixels">The caller's smallest area, for where <see cref="MinPixels"/> is null.</param>
    /// <param name="maxPixels">The caller's largest area, for where <see cref="MaxPixels"/> is null.</param>
    /// <exception cref="ArgumentException">The smallest area is over the largest.</exception>
    /// <exception cref="MediaException">The aspect ratio is over 200.</exception>
    public (int Height, int Width) SizeOf(
        int height, int width, int count, int factor, long? minPixels = null, long? maxPixels = null)
    {
        var least = MinPixels ?? minPixels ?? DefaultMinPixels;
        var largest = Math.Min(DefaultMaxPixels, (long)((double)TotalPixels / count * Depth));
        var most = Math.Max(largest, (long)(least * 1.05));
        most = Math.Min(MaxPixels ?? maxPixels ?? most, most);
        return least <= most
            ? SmartResize.Compute(height, width, factor, least, most)
            : throw new ArgumentException($"The smallest area of a frame, {least} pixels, is over the largest, {most}.");
    }

    private int CountOf(int inRange, double rate)
    {
        if (FrameCount is { } asked)
        {
            return (int)Math.Round(asked / (double)Depth, MidpointRounding.ToEven) * Depth;
        }

        var wanted = inRange / rate * (FramesPerSecond ?? DefaultFramesPerSecond);
        var (least, most) = ((MinFrames + 1) / Depth * Depth, MaxFrames / Depth * Depth);
        return (int)Math.Min(Math.Min(Math.Max(wanted, least), most), inRange) / Depth * Depth;
    }

    // torch's own linspace: in single precision, in which halves may fall to either side, rounded half to even.
    private static int[] Spaced(int first, int last, int count)
    {
        using var scope = NewDisposeScope();
        return [.. linspace(first, last, count, ScalarType.Float32).round().data<float>().ToArray().Select(n => (int)n)];
    }

    private static T NotBoth<T>(object? other, T value) => other is null || value is null
        ? value
        : throw new ArgumentException($"{nameof(FrameCount)} and {nameof(FramesPerSecond)} exclude each other; set one.");

    private static int InRange(int value, int least, string name) => value >= least && value <= MostFrames
        ? value
        : throw Invalid(name, value, $"a whole number from {least} to {MostFrames}");

    private static long? Positive(long? value, string name) =>
        value is null or > 0 ? value : throw Invalid(name, value, "a whole number from 1");

    private static double? Seconds(double? value, string name) =>
        value is null or (>= 0 and < double.PositiveInfinity) ? value : throw Invalid(name, value, "seconds from 0");

    private static ArgumentOutOfRangeException Invalid(string name, object value, string allowed) =>
        new(name, value, string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; allowed: {allowed}."));
}
