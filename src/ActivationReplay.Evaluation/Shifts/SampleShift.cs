using ActivationReplay.Evaluation.Statistics;
using ActivationReplay.Lens;
using static TorchSharp.torch;

namespace ActivationReplay.Evaluation.Shifts;

/// <summary>Means over the positions of one entropy bucket, in nats.</summary>
/// <param name="Positions">The number of positions.</param>
/// <param name="Entropy">The entropy of base.</param>
/// <param name="Kl">KL(base ‖ rlvr) over the whole vocabulary.</param>
/// <param name="TopKl">KL(base ‖ rlvr) over base's most likely tokens, both renormalised over them.</param>
public readonly record struct BucketShift(int Positions, double Entropy, double Kl, double TopKl);

/// <summary>The shift of one sample at one layer.</summary>
/// <param name="Buckets">Lowest entropies first; quantiles of this sample's positions at this layer.</param>
/// <param name="RankCorrelation">
/// Spearman's correlation of base entropy and KL over the positions; NaN if one of them is constant.
/// </param>
public sealed record LayerShift(IReadOnlyList<BucketShift> Buckets, double RankCorrelation)
{
    /// <summary>
    /// The KL, in nats, that fp32 sums over a vocabulary resolve. A layer that shifts less is not normalised.
    /// </summary>
    public const double Resolution = 1e-6;

    /// <summary>Mean of the buckets' KL, in nats: every bucket counts the same.</summary>
    public double MeanKl => Buckets.Average(b => b.Kl);

    /// <summary>Mean base entropy over the positions, in nats.</summary>
    public double Entropy => Buckets.Sum(b => b.Positions * b.Entropy) / Buckets.Sum(b => b.Positions);

    /// <summary>Mean KL of the buckets of low entropy, in nats; a middle bucket is in neither half.</summary>
    public double LowKl => Buckets.Take(Buckets.Count / 2).Average(b => b.Kl);

    /// <summary>Mean KL of the buckets of high entropy, in nats.</summary>
    public double HighKl => Buckets.TakeLast(Buckets.Count / 2).Average(b => b.Kl);

    /// <summary>Whether the layer shifts by more than <see cref="Resolution"/>.</summary>
    public bool IsResolved => MeanKl > Resolution;
}

/// <summary>How far one sample's activations shift from base to RLVR, by layer and entropy bucket.</summary>
/// <param name="Id">The sample.</param>
/// <param name="Positions">The number of positions that were compared.</param>
/// <param name="Layers">States entering layers 0..L-1, and the one leaving the last, [L+1].</param>
public sealed record SampleShift(string Id, int Positions, IReadOnlyList<LayerShift> Layers)
{
    /// <summary>Summarises a comparison.</summary>
    /// <param name="id">The sample.</param>
    /// <param name="comparison">Base and RLVR at the positions of interest. Not kept.</param>
    /// <param name="buckets">Entropy quantiles; at least 2.</param>
    /// <exception cref="ArgumentException">There are fewer positions than buckets.</exception>
    public static SampleShift Of(string id, LensComparison comparison, int buckets)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        ArgumentOutOfRangeException.ThrowIfLessThan(buckets, 2);
        return new SampleShift(
            id,
            comparison.Positions.Count,
            [
                .. Enumerable.Range(0, comparison.Layers).Select(l => Layer(
                    Row(comparison.BaseEntropy, l), Row(comparison.Kl, l), Row(comparison.TopKl, l), buckets)),
            ]);
    }

    private static LayerShift Layer(float[] entropy, float[] kl, float[] topKl, int buckets)
    {
        var assigned = EntropyBuckets.Assign(entropy, buckets);
        var byBucket = Enumerable.Range(0, entropy.Length).ToLookup(i => assigned[i]);
        return new LayerShift(
            [
                .. Enumerable.Range(0, buckets).Select(b => new BucketShift(
                    byBucket[b].Count(),
                    byBucket[b].Average(i => (double)entropy[i]),
                    byBucket[b].Average(i => (double)kl[i]),
                    byBucket[b].Average(i => (double)topKl[i]))),
            ],
            RankCorrelation.Of(entropy, kl));
    }

    private static float[] Row(Tensor values, int layer)
    {
        using var row = values[layer];
        return row.data<float>().ToArray();
    }
}
