namespace ActivationReplay.Vision;

/// <summary>Pictures that show a video in a report.</summary>
public static class VideoSteps
{
    /// <summary>The first frame of each temporal step of the model.</summary>
    /// <param name="video">A clip, or frames.</param>
    /// <param name="read">Reads a clip's frames.</param>
    /// <param name="depth">Frames a temporal step.</param>
    /// <exception cref="MediaException">It cannot be read.</exception>
    public static IReadOnlyList<RgbImage> Of(VideoSource video, Func<VideoFile, SampledVideo> read, int depth = VideoSampling.Depth)
    {
        ArgumentNullException.ThrowIfNull(read);
        IReadOnlyList<RgbImage> frames = video switch
        {
            VideoFile file => read(file).Frames,
            FrameList list => [.. list.Frames.Select(f => ImageDecoder.Decode(f))],
            _ => throw new ArgumentException($"{video?.GetType().Name} is no video.", nameof(video)),
        };
        return [.. frames.Chunk(depth).Select(step => step[0])];
    }
}
