using ActivationReplay.Evaluation.Statistics;

namespace ActivationReplay.Evaluation.Shifts;

/// <summary>
/// The shift from base to RLVR at one layer and entropy bucket, as a mean over samples with equal weights, with 95% bootstrap
/// intervals over samples.
/// </summary>
/// <param name="Layer">The state entering this layer; L leaves the last one.</param>
/// <param name="Bucket">0 has the lowest entropies.</param>
/// <param name="Samples">The number of samples.</param>
/// <param name="Positions">The number of positions of all samples.</param>
/// <param name="Entropy">Mean base entropy, in nats.</param>
/// <param name="Kl">KL(base ‖ rlvr) over the whole vocabulary, in nats.</param>
/// <param name="TopKl">KL(base ‖ rlvr) over base's most likely tokens, both renormalised over them, in nats.</param>
/// <param name="Normalised">
/// KL divided by the mean over the layer's buckets in the same sample, so that the values of a layer average to 1; NaN if no
/// sample shifts by more than fp32 resolves.
/// </param>
public sealed record BucketEstimate(
    int Layer, int Bucket, int Samples, long Positions, double Entropy, Estimate Kl, Estimate TopKl, Estimate Normalised)
{
    /// <summary>The estimates of all layers in order, and within a layer of all buckets from low to high entropy.</summary>
    /// <param name="samples">At least one sample; all have the same layers and number of buckets.</param>
    public static IReadOnlyList<BucketEstimate> Summarise(IReadOnlyList<SampleShift> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentOutOfRangeException.ThrowIfZero(samples.Count);
        var (layers, buckets) = (samples[0].Layers.Count, samples[0].Layers[0].Buckets.Count);
        return
        [
            .. Enumerable.Range(0, layers).SelectMany(l => Enumerable.Range(0, buckets).Select(b =>
                Of(l, b, [.. samples.Select(s => s.Layers[l])]))),
        ];
    }

    private static BucketEstimate Of(int layer, int bucket, List<LayerShift> shifts) => new(
        layer,
        bucket,
        shifts.Count,
        shifts.Sum(s => (long)s.Buckets[bucket].Positions),
        shifts.Average(s => s.Buckets[bucket].Entropy),
        Bootstrap.Mean([.. shifts.Select(s => s.Buckets[bucket].Kl)]),
        Bootstrap.Mean([.. shifts.Select(s => s.Buckets[bucket].TopKl)]),
        Bootstrap.Mean([.. shifts.Where(s => s.IsResolved).Select(s => s.Buckets[bucket].Kl / s.MeanKl)]));
}
