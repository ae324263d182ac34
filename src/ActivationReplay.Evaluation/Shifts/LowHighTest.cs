using ActivationReplay.Evaluation.Statistics;

namespace ActivationReplay.Evaluation.Shifts;

/// <summary>
/// A test of whether positions of low base entropy shift more than those of high entropy, paired by sample: the lower half of its
/// entropy buckets against the upper half. Intervals are 95%, bootstrapped over samples.
/// </summary>
/// <param name="Layer">The layer; null is the mean over all.</param>
/// <param name="Samples">The number of samples.</param>
/// <param name="Entropy">Mean base entropy, in nats.</param>
/// <param name="Low">Mean KL of the low half, in nats.</param>
/// <param name="High">Mean KL of the high half, in nats.</param>
/// <param name="Difference">Low - high, in nats; above 0 the low half shifts more.</param>
/// <param name="P">Two-sided p value of <paramref name="Difference"/> (<see cref="SignFlipTest"/>).</param>
/// <param name="PHolm">
/// <paramref name="P"/> after Holm's correction over the layers; NaN for the mean over all layers, which is a single test.
/// </param>
/// <param name="Relative">
/// Low - high over the sample's mean KL at the layer, so that every layer and sample weighs the same; NaN where nothing
/// shifts by more than fp32 resolves.
/// </param>
/// <param name="RelativeP">Two-sided p value of <paramref name="Relative"/>.</param>
/// <param name="RankCorrelation">
/// Spearman's correlation of base entropy and KL over the positions of a sample; below 0, low entropies shift more.
/// </param>
public sealed record LowHighTest(
    int? Layer,
    int Samples,
    Estimate Entropy,
    Estimate Low,
    Estimate High,
    Estimate Difference,
    double P,
    double PHolm,
    Estimate Relative,
    double RelativeP,
    Estimate RankCorrelation)
{
    /// <summary>A test for each layer, then one for the mean over layers.</summary>
    /// <param name="samples">At least one sample; all have the same layers.</param>
    public static IReadOnlyList<LowHighTest> Run(IReadOnlyList<SampleShift> samples)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentOutOfRangeException.ThrowIfZero(samples.Count);
        LowHighTest[] layers = [.. Enumerable.Range(0, samples[0].Layers.Count).Select(l => Of(l, samples, s => [s.Layers[l]]))];
        var corrected = Holm.Correct([.. layers.Select(l => l.P)]);
        return [.. layers.Select((l, i) => l with { PHolm = corrected[i] }), Of(null, samples, s => s.Layers)];
    }

    private static LowHighTest Of(int? layer, IReadOnlyList<SampleShift> samples, Func<SampleShift, IReadOnlyList<LayerShift>> select)
    {
        List<IReadOnlyList<LayerShift>> chosen = [.. samples.Select(select)];
        double[] differences = [.. chosen.Select(c => c.Average(l => l.LowKl - l.HighKl))];
        double[] relative = Means(chosen, l => l.IsResolved ? (l.LowKl - l.HighKl) / l.MeanKl : double.NaN);
        return new LowHighTest(
            layer,
            samples.Count,
            Bootstrap.Mean(Means(chosen, l => l.Entropy)),
            Bootstrap.Mean(Means(chosen, l => l.LowKl)),
            Bootstrap.Mean(Means(chosen, l => l.HighKl)),
            Bootstrap.Mean(differences),
            SignFlipTest.PValue(differences),
            double.NaN,
            Bootstrap.Mean(relative),
            SignFlipTest.PValue(relative),
            Bootstrap.Mean(Means(chosen, l => l.RankCorrelation)));
    }

    // A mean a sample over its layers; layers without a value do not count, nor samples without any.
    private static double[] Means(List<IReadOnlyList<LayerShift>> samples, Func<LayerShift, double> value) =>
    [
        .. samples
            .Select(s => s.Select(value).Where(v => !double.IsNaN(v)).DefaultIfEmpty(double.NaN).Average())
            .Where(mean => !double.IsNaN(mean)),
    ];
}
