namespace ActivationReplay.Vision;

/// <summary>A packet of a clip, which holds a frame.</summary>
/// <param name="Ticks">When it is shown, in ticks of the container's clock; null where it does not say.</param>
/// <param name="Seconds">The same in seconds, to the microsecond.</param>
/// <param name="IsKey">Whether it can be decoded without those before.</param>
internal readonly record struct ClipPacket(long? Ticks, double? Seconds, bool IsKey);

/// <summary>When each frame of a clip is shown, and which of them can be decoded without those before.</summary>
/// <param name="Seconds">The times of all frames in the order in which they are shown, absolute in the container.</param>
/// <param name="IsKey">Whether each of them is a key frame.</param>
internal sealed record ClipIndex(IReadOnlyList<double> Seconds, IReadOnlyList<bool> IsKey)
{
    // Times are given to the microsecond.
    private const double Rounding = 1e-6;

    // The shortest tick of a clock in which such a time is nearest to one tick alone.
    private const double ShortestTick = 4 * Rounding;

    /// <summary>
    /// An index of packets in any order; null where a packet has no time, two have one, the clock is finer than times are given, or the
    /// first frame is no key frame.
    /// </summary>
    public static ClipIndex? Of(IReadOnlyList<ClipPacket> packets)
    {
        if (packets.Count < 2 || packets.Any(p => p.Ticks is null || p.Seconds is null))
        {
            return null;
        }

        var shown = packets.OrderBy(p => p.Ticks).ToList();
        var tick = (shown[^1].Seconds - shown[0].Seconds) / (shown[^1].Ticks - shown[0].Ticks);
        return shown[0].IsKey && tick >= ShortestTick && shown.Zip(shown.Skip(1)).All(p => p.First.Ticks < p.Second.Ticks)
            ? new ClipIndex([.. shown.Select(p => p.Seconds!.Value)], [.. shown.Select(p => p.IsKey)])
            : null;
    }

    /// <summary>The frame from which decoding has to begin for a frame.</summary>
    public int KeyBefore(int frame)
    {
        while (!IsKey[frame])
        {
            frame--;
        }

        return frame;
    }

    /// <summary>
    /// Where to seek for a key frame, in seconds: to it, or less than a tick of the container's clock after it, so that rounding finds it
    /// and no frame before it. Null for the first frame, before which there is nothing.
    /// </summary>
    public double? SeekTo(int key) => key == 0 ? null : Seconds[key] + Rounding;
}
