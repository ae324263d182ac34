using ActivationReplay.Evaluation.Statistics;

namespace ActivationReplay.Ablations.LensReports;

/// <summary>An estimate as CSV columns, which are empty where it is not defined. A single sample has no interval.</summary>
internal readonly record struct CsvEstimate(double? Mean, double? Low, double? High)
{
    public static CsvEstimate Of(Estimate estimate, int samples) => samples > 1
        ? new(Defined(estimate.Mean), Defined(estimate.Low), Defined(estimate.High))
        : new(Defined(estimate.Mean), null, null);

    public static double? Defined(double value) => double.IsNaN(value) ? null : value;
}
