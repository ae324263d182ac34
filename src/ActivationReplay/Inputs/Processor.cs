using ActivationReplay.Checkpoints;
using ActivationReplay.Text;
using ActivationReplay.Vision;
using static TorchSharp.torch;

namespace ActivationReplay.Inputs;

/// <summary>Limits on the area of each picture or frame after resizing.</summary>
/// <param name="MinPixels">The fewest pixels; null is the checkpoint's limit.</param>
/// <param name="MaxPixels">The most pixels; null is the checkpoint's limit.</param>
/// <param name="Ratio">The factor by which both sides are shrunk below that size, in (0, 1]; null is 1.</param>
public readonly record struct PixelLimits(long? MinPixels, long? MaxPixels, double? Ratio = null);

/// <summary>Makes <see cref="ModelInputs"/> from messages: chat template, tokenizer, patches, rotary positions.</summary>
public sealed class Processor(
    ModelConfig config, ChatTemplate template, QwenTokenizer tokenizer, ImageProcessor images, VideoReader? videos = null,
    ImageProcessor? frames = null)
{
    private readonly ImageProcessor frames = frames ?? images;
    private readonly VideoCache videos = new(videos ?? new VideoReader());

    /// <summary>Loads chat template, tokenizer, picture and video settings of a checkpoint's folder.</summary>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <param name="config">The model's configuration.</param>
    /// <param name="temporal">How the temporal positions of videos count.</param>
    /// <exception cref="CheckpointException">A file is missing or damaged, or asks for what is not supported.</exception>
    /// <exception cref="TokenizerException">The tokenizer cannot be used.</exception>
    public static Processor Load(string folder, ModelConfig config, TemporalPositions temporal = default) => new(
        config,
        ChatTemplate.Load(folder),
        QwenTokenizer.Load(folder),
        new ImageProcessor(ImageProcessorConfig.Load(folder, config.Vision)),
        frames: new ImageProcessor(ImageProcessorConfig.LoadForFrames(folder, config.Vision)))
    {
        Temporal = temporal,
    };

    /// <summary>The tokenizer.</summary>
    public QwenTokenizer Tokenizer => tokenizer;

    /// <summary>The chat template.</summary>
    public ChatTemplate Template => template;

    /// <summary>How the temporal positions of videos count.</summary>
    public TemporalPositions Temporal { get; init; }

    /// <summary>Clips that were decoded for prompts of before.</summary>
    public VideoCache Videos => videos;

    /// <summary>The picture processor.</summary>
    public ImageProcessor Images => images;

    /// <summary>Renders, tokenises and preprocesses a conversation, ready for the assistant's turn.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="limits">Limits on the area of each picture or frame.</param>
    /// <param name="earlier">
    /// The prompt of the conversation some turns ago, with the same limits, if it is there: its pictures are taken from it. Not owned.
    /// </param>
    /// <exception cref="MediaException">A medium cannot be read, or does not fit the prompt's placeholders.</exception>
    public ModelInputs Prepare(IReadOnlyList<ChatMessage> messages, PixelLimits limits = default, ModelInputs? earlier = null) =>
        Prepare(template.Segments(messages), [.. messages.SelectMany(m => m.Content)], limits, earlier);

    /// <summary>Tokenises a rendered prompt and preprocesses its media.</summary>
    /// <param name="prompt">The rendered prompt, with one placeholder for each medium.</param>
    /// <param name="parts">The parts of the conversation, whose media replace the placeholders in order.</param>
    /// <param name="limits">Limits on the area of each picture or frame.</param>
    /// <exception cref="MediaException">A medium cannot be read, or media and placeholders differ in number.</exception>
    public ModelInputs Prepare(string prompt, IReadOnlyList<ContentPart> parts, PixelLimits limits = default) =>
        Prepare([new TextPart(prompt)], parts, limits, earlier: null);

    private ModelInputs Prepare(
        IReadOnlyList<ContentPart> segments, IReadOnlyList<ContentPart> parts, PixelLimits limits, ModelInputs? earlier)
    {
        using var scope = NewDisposeScope();
        var held = new Queue<Medium>(earlier is null ? [] : PicturesOf(earlier));
        var media = parts.Where(p => p is ImagePart or VideoPart)
            .Select(p => p is ImagePart && held.TryDequeue(out var there) ? there : Process(p, limits)).ToList();
        var (ids, spans) = Expand(segments, [.. media.Select(m => (m.Patches.Grid, m.IsVideo))]);
        var ordered = media.OrderBy(m => m.IsVideo).ToList();
        var pixels = ordered.Count == 0 ? null : cat([.. ordered.Select(m => m.Patches.Pixels)], 0).MoveToOuterDisposeScope();
        return new ModelInputs(
            ids,
            pixels,
            [.. ordered.Select(m => m.Patches.Grid)],
            spans,
            RotaryPositions.Compute(ids.Length, spans, [.. media.Select(m => m.TemporalStep)]));
    }

    /// <summary>
    /// The shape of the prompt that <see cref="Prepare(IReadOnlyList{ChatMessage}, PixelLimits, ModelInputs?)"/> makes, from the headers of its
    /// pictures. Of a clip of which a number of frames is taken it is the largest shape that they may have, and its file is not read;
    /// other videos are.
    /// </summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="limits">Limits on the area of each picture or frame.</param>
    /// <exception cref="MediaException">A medium cannot be read, or does not fit the prompt's placeholders.</exception>
    public PromptShape Measure(IReadOnlyList<ChatMessage> messages, PixelLimits limits = default)
    {
        using var scope = NewDisposeScope();
        List<(PatchGrid Grid, bool IsVideo)> media = [.. messages.SelectMany(m => m.Content).Where(p => p is ImagePart or VideoPart).Select(Grid)];
        var (ids, spans) = Expand(template.Segments(messages), media);
        return PromptShape.Of(ids.Length, media.Sum(m => m.Grid.Count), spans);

        (PatchGrid Grid, bool IsVideo) Grid(ContentPart part)
        {
            if (part is ImagePart picture)
            {
                var (width, height) = ImageDecoder.SizeOf(picture.Image);
                return (images.GridOf(height, width, limits.MinPixels, limits.MaxPixels), false);
            }

            if (part is VideoPart { Source: VideoFile { Sampling: { FrameCount: { } count } sampling } })
            {
                const int Large = 1 << 14; // larger than any limit, so that a frame is as large as it may be
                var (height, width) = sampling.SizeOf(Large, Large, count, frames.Config.Factor, limits.MinPixels, limits.MaxPixels);
                var depth = frames.Config.TemporalPatchSize;
                return (new PatchGrid((count + depth - 1) / depth, height / frames.Config.PatchSize, width / frames.Config.PatchSize), true);
            }

            var medium = Process(part, limits);
            return (medium.Patches.Grid, medium.IsVideo);
        }
    }

    /// <summary>
    /// The prompt with the text <paramref name="answer"/> after it, for training: ids and positions of both, and the pixels shared.
    /// </summary>
    public ModelInputs Continue(ModelInputs prompt, string answer)
    {
        int[] ids = [.. prompt.Ids, .. tokenizer.Encode(answer)];
        var tail = ids.Length - prompt.Length;
        long[][] positions =
        [
            .. prompt.Positions.Select(axis => (long[])
                [.. axis, .. Enumerable.Range(prompt.Length, tail).Select(i => i + prompt.RopeDelta)]),
        ];
        return new ModelInputs(ids, prompt.Pixels?.alias(), prompt.Grids, prompt.Spans, positions);
    }

    // Pictures come before videos among the patches.
    private static IEnumerable<Medium> PicturesOf(ModelInputs prompt)
    {
        var first = 0L;
        for (var i = 0; i < prompt.Spans.Count(s => !s.IsVideo); i++)
        {
            var grid = prompt.Grids[i];
            yield return new Medium(new VisionPatches(prompt.Pixels!.narrow(0, first, grid.Count), grid), false, 0);
            first += grid.Count;
        }
    }

    private Medium Process(ContentPart part, PixelLimits limits)
    {
        switch (part)
        {
            case VideoPart { Source: FrameList list }:
                var decoded = list.Frames.Select(f => ImageDecoder.Decode(f)).ToList();
                return Video(
                    frames.ProcessFrames(decoded, limits.MinPixels, limits.MaxPixels, limits.Ratio ?? 1), list.FramesPerSecond);
            case VideoPart { Source: VideoFile file }:
                var sampled = Sampled(file, limits);
                // Frames have their size already, unless the checkpoint allows less than the reader and no one asked for it.
                // A smaller view starts from the frames as sampled: their files are read once.
                return Video(
                    frames.ProcessFrames(
                        sampled.Frames,
                        file.Sampling.MinPixels ?? limits.MinPixels,
                        file.Sampling.MaxPixels ?? limits.MaxPixels,
                        limits.Ratio ?? 1),
                    sampled.Selection.FramesPerSecond);
            case ImagePart image:
                return new Medium(images.Process(
                    ImageDecoder.Decode(image.Image), limits.MinPixels, limits.MaxPixels, limits.Ratio ?? 1), false, 0);
            default:
                throw new ArgumentException($"{part.GetType().Name} is no medium.", nameof(part));
        }
    }

    /// <summary>Decodes a clip so that a prompt with it need not wait; an error shows when the prompt is made.</summary>
    public void Ahead(VideoSource video, PixelLimits limits = default)
    {
        if (video is VideoFile file)
        {
            try
            {
                Sampled(file, limits);
            }
            catch (Exception error) when (error is MediaException or ArgumentException)
            {
                // The prompt's own reading says it, with the question's name.
            }
        }
    }

    /// <summary>
    /// One picture of each temporal step of a video as a prompt sees it, the first of its frames, for reports.
    /// </summary>
    /// <exception cref="MediaException">It cannot be read.</exception>
    public IReadOnlyList<RgbImage> Steps(VideoSource video, PixelLimits limits = default) =>
        VideoSteps.Of(video, file => Sampled(file, limits), config.Vision.TemporalPatchSize);

    private SampledVideo Sampled(VideoFile file, PixelLimits limits) =>
        videos.Read(file, frames.Config.Factor, limits.MinPixels, limits.MaxPixels);

    // The temporal position counts time in Qwen2.5-VL, and temporal steps in Qwen2-VL.
    private Medium Video(VisionPatches patches, double framesPerSecond)
    {
        var seconds = config.Vision.TemporalPatchSize / framesPerSecond;
        return new(patches, true, config.Family == ModelFamily.Qwen25Vl
            ? (Temporal == TemporalPositions.Released ? Math.Floor(seconds) : seconds) * config.Vision.TokensPerSecond
            : 1);
    }

    // Replaces the one placeholder of each medium by as many as it has visual tokens.
    private (int[] Ids, VisualSpan[] Spans) Expand(IReadOnlyList<ContentPart> segments, List<(PatchGrid Grid, bool IsVideo)> media)
    {
        var ids = new List<int>();
        var spans = new List<VisualSpan>();
        var tokens = segments.SelectMany(s => s is TokensPart written
            ? written.Ids.Select(id => (Id: id, IsWritten: true))
            : tokenizer.Encode(((TextPart)s).Text).Select(id => (Id: id, IsWritten: false)));
        foreach (var (token, isWritten) in tokens)
        {
            if (isWritten || (token != config.ImageTokenId && token != config.VideoTokenId))
            {
                ids.Add(token);
                continue;
            }

            var isVideo = token == config.VideoTokenId;
            if (spans.Count == media.Count || media[spans.Count].IsVideo != isVideo)
            {
                throw new MediaException(
                    $"placeholder {spans.Count + 1}",
                    $"the prompt asks for a {(isVideo ? "video" : "picture")} here, the message has "
                    + (spans.Count == media.Count ? $"only {media.Count} media" : "the other kind")
                    + "; a question must not contain placeholder tokens itself");
            }

            var grid = media[spans.Count].Grid;
            var merge = config.Vision.SpatialMergeSize;
            var span = new VisualSpan(ids.Count, grid.T, grid.H / merge, grid.W / merge, isVideo);
            ids.AddRange(Enumerable.Repeat(token, span.Count));
            spans.Add(span);
        }

        return spans.Count == media.Count
            ? ([.. ids], [.. spans])
            : throw new MediaException("prompt", $"{media.Count} media, but {spans.Count} placeholders; the template dropped some");
    }

    private sealed record Medium(VisionPatches Patches, bool IsVideo, double TemporalStep);
}
