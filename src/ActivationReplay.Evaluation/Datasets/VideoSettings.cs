using ActivationReplay.Vision;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>Where the videos of a data set are, and which of their frames are taken.</summary>
public sealed record VideoSettings
{
    /// <summary>The folder that rows name files in; null is the data set's own.</summary>
    public string? Root { get; init; }

    /// <summary>The frames where a row does not say: 16 spread evenly, or those that a shorter clip has.</summary>
    public VideoSampling Sampling { get; init; } = new() { FrameCount = 16, AtMost = true };
}
