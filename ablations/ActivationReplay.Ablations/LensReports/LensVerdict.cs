using System.Globalization;
using ActivationReplay.Evaluation.Shifts;
using ActivationReplay.Evaluation.Statistics;

namespace ActivationReplay.Ablations.LensReports;

/// <summary>States whether low-entropy positions shift more, whatever the result.</summary>
internal static class LensVerdict
{
    private const double Level = 0.05;

    /// <summary>One paragraph: direction, size with interval, p, how many layers agree, and where the largest shift is.</summary>
    /// <param name="tests">As <see cref="LowHighTest.Run"/> gives them: the mean over layers last.</param>
    /// <param name="estimates">As <see cref="BucketEstimate.Summarise"/> gives them.</param>
    public static string Say(IReadOnlyList<LowHighTest> tests, IReadOnlyList<BucketEstimate> estimates)
    {
        var all = tests[^1];
        if (all.Samples < 2 || double.IsNaN(all.Relative.Mean))
        {
            return "No test of low against high entropy: it needs two samples or more that shift measurably.";
        }

        var direction = all.RelativeP >= Level ? "Low-entropy positions shift neither measurably more nor less"
            : all.Relative.Mean > 0 ? "Low-entropy positions shift more"
            : "Low-entropy positions shift less";
        var layers = tests.Take(tests.Count - 1).ToList();
        // Halves may hide a peak in between: the lowest bucket need not be the one that shifts most.
        var lowestLeads = estimates.GroupBy(e => e.Layer).Count(l => l.MaxBy(e => e.Kl.Mean)!.Bucket == 0);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{direction} than high-entropy ones: KL(base ‖ rlvr) of the low half minus the high half is "
            + $"{Text(all.Relative)} of a layer's mean (p = {P(all.RelativeP)}; {all.Samples} samples, {layers.Count} layers, "
            + $"each weighing the same), in nats {Text(all.Difference)} (p = {P(all.P)}). By layer, at p < {Level} after Holm: "
            + $"more in {layers.Count(l => l.PHolm < Level && l.Difference.Mean > 0)}, "
            + $"less in {layers.Count(l => l.PHolm < Level && l.Difference.Mean < 0)} of {layers.Count}. "
            + $"Rank correlation of entropy and KL: {Text(all.RankCorrelation)}. "
            + $"The lowest-entropy bucket is the one that shifts most in {lowestLeads} of {layers.Count} layers.");
    }

    /// <summary>A mean with its interval; no interval for one sample.</summary>
    public static string Text(Estimate e, string format = "+0.000;-0.000;0.000") => string.Create(
        CultureInfo.InvariantCulture,
        $"{e.Mean.ToString(format, CultureInfo.InvariantCulture)} [{e.Low.ToString(format, CultureInfo.InvariantCulture)}, "
        + $"{e.High.ToString(format, CultureInfo.InvariantCulture)}]");

    /// <summary>A p value to two digits.</summary>
    public static string P(double p) => p.ToString(p < 0.001 ? "0.0e-0" : "0.000", CultureInfo.InvariantCulture);
}
