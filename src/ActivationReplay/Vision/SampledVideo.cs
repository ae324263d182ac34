namespace ActivationReplay.Vision;

/// <summary>Frames of a clip in the size that the model takes.</summary>
/// <param name="Clip">The clip that they come from.</param>
/// <param name="Selection">Which frames they are.</param>
/// <param name="Frames">The frames, all of one size.</param>
public sealed record SampledVideo(VideoInfo Clip, FrameSelection Selection, IReadOnlyList<RgbImage> Frames);
