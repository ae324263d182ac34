namespace ActivationReplay.Vision;

/// <summary>When each frame of a clip is shown, and which of them can be decoded without those before.</summary>
/// <param name="Seconds">The times of all frames in the order in which they are shown, absolute in the container.</param>
/// <param name="IsKey">Whether each of them is a key frame.</param>
internal sealed record ClipIndex(IReadOnlyList<double> Seconds, IReadOnlyList<bool> IsKey)
{
    /// <summary>An index of packets in any order; null where a packet has no time, two have one, or the first frame is no key frame.</summary>
    public static ClipIndex? Of(IReadOnlyList<(double? Seconds, bool IsKey)> packets)
    {
        if (packets.Count == 0 || packets.Any(p => p.Seconds is null))
        {
            return null;
        }

        var shown = packets.OrderBy(p => p.Seconds).ToList();
        return shown[0].IsKey && shown.Zip(shown.Skip(1)).All(p => p.First.Seconds < p.Second.Seconds)
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
    /// A time between a frame and the one before it, in seconds, such that the first frame at or after it is the frame, whatever the
    /// rounding of either; null for the first frame, before which there is nothing to seek to.
    /// </summary>
    public double? JustBefore(int frame) => frame == 0 ? null : (Seconds[frame] + Seconds[frame - 1]) / 2;
}
