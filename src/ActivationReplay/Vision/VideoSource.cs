namespace ActivationReplay.Vision;

/// <summary>Where the frames of a video come from.</summary>
public abstract record VideoSource
{
    // The two below are all there are.
    private protected VideoSource()
    {
    }
}

/// <summary>Frames that were taken from a clip already, as pictures.</summary>
/// <param name="Frames">The encoded frames in time order.</param>
/// <param name="FramesPerSecond">Their rate, in frames a second of the clip.</param>
public sealed record FrameList(IReadOnlyList<MediaFile> Frames, double FramesPerSecond) : VideoSource;

/// <summary>A clip on disk. It need not exist until <see cref="VideoReader"/> reads it.</summary>
/// <param name="Path">The file.</param>
/// <param name="Sampling">Which of its frames are taken.</param>
public sealed record VideoFile(string Path, VideoSampling Sampling) : VideoSource;
