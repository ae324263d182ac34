using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Inputs;

namespace ActivationReplay.Ablations.Planning;

/// <summary>The shapes of a run's prompts, from texts and the headers of pictures.</summary>
internal static class PromptShapes
{
    /// <summary>The shape of each row's prompt; null where the row, or a picture of it, cannot be used: the run will say so.</summary>
    public static IReadOnlyList<PromptShape?> Of(
        RunConfig config, Processor processor, IReadOnlyList<DatasetRow> rows, CancellationToken cancel) =>
    [
        .. rows.AsParallel().AsOrdered().WithCancellation(cancel).Select(row =>
        {
            try
            {
                return row.Sample is { } sample ? Of(config, processor, sample, config.MaxPixels) : (PromptShape?)null;
            }
            catch (Exception e) when (e is not (OutOfMemoryException or OperationCanceledException))
            {
                return null;
            }
        }),
    ];

    /// <summary>The shape of a sample's prompt where its pictures have at most so many pixels.</summary>
    public static PromptShape Of(RunConfig config, Processor processor, Sample sample, long? maxPixels) => processor.Measure(
        AskedPrompt.Planned(config, sample),
        new PixelLimits(config.MinPixels is { } least && least > maxPixels ? maxPixels : config.MinPixels, maxPixels));
}
