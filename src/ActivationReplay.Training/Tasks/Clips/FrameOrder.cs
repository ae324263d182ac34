using ActivationReplay.Vision;

namespace ActivationReplay.Training.Tasks.Clips;

/// <summary>Which frames of a clip stand where. A question that is answered with other frames than the clip's own, in their order, is none about time.</summary>
public enum FrameOrder
{
    /// <summary>The clip as it is.</summary>
    Own,

    /// <summary>All of its frames in a drawn order.</summary>
    Shuffled,

    /// <summary>One of its frames, drawn, in place of all.</summary>
    OneFrame,
}

/// <summary>Frames in another order.</summary>
internal static class FrameOrders
{
    /// <summary>The frames in the order; the clip decides what is drawn.</summary>
    public static IReadOnlyList<RgbImage> Of(this FrameOrder order, IReadOnlyList<RgbImage> frames, Clip clip)
    {
        var draws = new Draws(clip.Seed, DrawPurpose.FrameOrder, clip.Index);
        return order switch
        {
            FrameOrder.Own => frames,
            FrameOrder.Shuffled => [.. draws.Choose(frames.Count, frames.Count).Select(f => frames[f])],
            _ => [.. Enumerable.Repeat(draws.Pick(frames), frames.Count)],
        };
    }
}
