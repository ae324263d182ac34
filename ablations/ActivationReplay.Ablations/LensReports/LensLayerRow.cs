using ActivationReplay.Evaluation.Shifts;
using CsvHelper.Configuration.Attributes;

namespace ActivationReplay.Ablations.LensReports;

/// <summary>One layer and entropy bucket: a line of lens-layers.csv. Nats; intervals are 95% over samples, empty for one.</summary>
public sealed record LensLayerRow
{
    [Name("layer")] public int Layer { get; init; }

    [Name("bucket")] public int Bucket { get; init; }

    [Name("samples")] public int Samples { get; init; }

    [Name("positions")] public long Positions { get; init; }

    [Name("entropy_mean"), Format("G6")] public double Entropy { get; init; }

    [Name("kl_mean"), Format("G6")] public double Kl { get; init; }

    [Name("kl_low"), Format("G6")] public double? KlLow { get; init; }

    [Name("kl_high"), Format("G6")] public double? KlHigh { get; init; }

    [Name("kl_top_mean"), Format("G6")] public double TopKl { get; init; }

    [Name("kl_top_low"), Format("G6")] public double? TopKlLow { get; init; }

    [Name("kl_top_high"), Format("G6")] public double? TopKlHigh { get; init; }

    [Name("normalised"), Format("G6")] public double? Normalised { get; init; }

    [Name("normalised_low"), Format("G6")] public double? NormalisedLow { get; init; }

    [Name("normalised_high"), Format("G6")] public double? NormalisedHigh { get; init; }

    /// <summary>Buckets count from 1, the lowest entropies.</summary>
    public static LensLayerRow Of(BucketEstimate estimate)
    {
        var (kl, top, normalised) = (
            CsvEstimate.Of(estimate.Kl, estimate.Samples),
            CsvEstimate.Of(estimate.TopKl, estimate.Samples),
            CsvEstimate.Of(estimate.Normalised, estimate.Samples));
        return new LensLayerRow
        {
            Layer = estimate.Layer,
            Bucket = estimate.Bucket + 1,
            Samples = estimate.Samples,
            Positions = estimate.Positions,
            Entropy = estimate.Entropy,
            Kl = estimate.Kl.Mean,
            KlLow = kl.Low,
            KlHigh = kl.High,
            TopKl = estimate.TopKl.Mean,
            TopKlLow = top.Low,
            TopKlHigh = top.High,
            Normalised = normalised.Mean,
            NormalisedLow = normalised.Low,
            NormalisedHigh = normalised.High,
        };
    }
}
