namespace ActivationReplay.Vision;

/// <summary>The frames that are taken from a clip.</summary>
/// <param name="Numbers">Their numbers in the clip, from 0, in time order; an even count.</param>
/// <param name="FramesInRange">Frames of the clip that they were chosen from.</param>
/// <param name="FramesPerSecond">Rate of the sample: frames taken a second of the clip.</param>
public sealed record FrameSelection(IReadOnlyList<int> Numbers, int FramesInRange, double FramesPerSecond)
{
    /// <summary>Seconds of the clip from one temporal step of the model to the next.</summary>
    /// <param name="depth">Frames a temporal step.</param>
    public double SecondsPerGrid(int depth = VideoSampling.Depth) => depth / FramesPerSecond;
}
