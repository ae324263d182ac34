namespace ActivationReplay.Vision;

/// <summary>
/// Reads clips with the programs <c>ffmpeg</c> and <c>ffprobe</c>, through FFMpegCore: any format that they decode, the
/// container being one of the usual ones. Frames are rotated as the file says; colours are converted as
/// decord and torchcodec do. A file can neither name other files nor reach the network.
/// </summary>
/// <param name="binaryFolder">The folder of both programs; null looks in those of the PATH.</param>
public sealed class VideoReader(string? binaryFolder = null)
{
    /// <summary>How long one program may work on one clip. <see cref="Timeout.InfiniteTimeSpan"/> is without end.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Most pixels of a decoded frame; checked before anything is decoded.</summary>
    public long PixelLimit { get; init; } = ImageDecoder.DefaultPixelLimit;

    /// <summary>Most frames of a clip. The default is nearly ten hours at 30 frames a second.</summary>
    public int FrameLimit { get; init; } = 1 << 20;

    // Whether frames far apart are sought, as they are. Tests compare with decoding the whole clip.
    internal bool Seeks { get; init; } = true;

    /// <summary>Whether the programs are there.</summary>
    public bool IsAvailable => FfmpegPrograms.Find(binaryFolder) is not null;

    /// <summary>Reads a clip's size, rate and count of frames, which takes one pass over the file without decoding.</summary>
    /// <param name="path">The clip, under any name.</param>
    /// <param name="cancellationToken">Ends the program.</param>
    /// <exception cref="MediaException">
    /// The file is absent, no video or over a limit, it took longer than <see cref="TimeLimit"/>, or the programs are missing.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public VideoInfo Probe(string path, CancellationToken cancellationToken = default) => Index(path, cancellationToken).Clip;

    /// <summary>Decodes the frames that a clip's settings choose and resizes them.</summary>
    /// <param name="video">The clip and its settings.</param>
    /// <param name="factor">What both sides are divisible by, in pixels: the side of a visual token.</param>
    /// <param name="minPixels">Smallest area of a frame where the clip's settings have none.</param>
    /// <param name="maxPixels">Largest area of a frame where the clip's settings have none.</param>
    /// <param name="cancellationToken">Ends the programs.</param>
    /// <exception cref="ArgumentException">The smallest area is over the largest.</exception>
    /// <exception cref="MediaException">As <see cref="Probe"/>; or the clip has too few frames, or is corrupt.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public SampledVideo Read(
        VideoFile video, int factor, long? minPixels = null, long? maxPixels = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(video);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(factor);
        var (clip, index) = Index(video.Path, cancellationToken);
        var selection = video.Sampling.Select(clip);
        var programs = Programs(clip.Name);
        FrameSize? size = null; // that of the first frame: rotated, if the file says so
        var frames = Limited(
            clip.Name,
            cancel => FfmpegDecoder.Run(clip, Seeks ? index : null, selection.Numbers, programs, Limits(clip.Name), Resize, cancel),
            cancellationToken);
        return new SampledVideo(clip, selection, [.. frames.Select(f => FrameResizer.Resize(f, size!.Height, size.Width))]);

        // At once, so that full-size frames do not pile up; those that come before the first one wait for it.
        RgbImage Resize(int number, RgbImage frame)
        {
            if (number == selection.Numbers[0])
            {
                var (height, width) = video.Sampling.SizeOf(frame.Height, frame.Width, selection.Numbers.Count, factor, minPixels, maxPixels);
                Volatile.Write(ref size, new FrameSize(height, width));
            }

            return Volatile.Read(ref size) is { } known ? FrameResizer.Resize(frame, known.Height, known.Width) : frame;
        }
    }

    private sealed record FrameSize(int Height, int Width);

    private (VideoInfo Clip, ClipIndex? Index) Index(string path, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var programs = Programs(path);
        return Limited(path, cancel => FfmpegProbe.Run(path, programs, Limits(path), FrameLimit, cancel), cancellationToken);
    }

    private PixelLimit Limits(string path) => new(path, PixelLimit);

    private FfmpegPrograms Programs(string path) =>
        !File.Exists(path) ? throw new MediaException(path, "there is no such file.")
        : FfmpegPrograms.Find(binaryFolder) ?? throw FfmpegPrograms.Missing(path, binaryFolder);

    private T Limited<T>(string path, Func<CancellationToken, T> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeLimit);
        try
        {
            return work(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MediaException(path, $"took longer than {TimeLimit}, the limit.");
        }
    }
}
