using System.Globalization;
using ActivationReplay.Evaluation.Shifts;
using CsvHelper.Configuration.Attributes;

namespace ActivationReplay.Ablations.LensReports;

/// <summary>Low against high entropy at one layer, or over all: a line of lens-test.csv. See <see cref="LowHighTest"/>.</summary>
public sealed record LensTestRow
{
    [Name("layer")] public required string Layer { get; init; }

    [Name("samples")] public int Samples { get; init; }

    [Name("entropy"), Format("G6")] public double Entropy { get; init; }

    [Name("entropy_low"), Format("G6")] public double? EntropyLow { get; init; }

    [Name("entropy_high"), Format("G6")] public double? EntropyHigh { get; init; }

    [Name("low_half_kl"), Format("G6")] public double LowHalf { get; init; }

    [Name("low_half_kl_low"), Format("G6")] public double? LowHalfLow { get; init; }

    [Name("low_half_kl_high"), Format("G6")] public double? LowHalfHigh { get; init; }

    [Name("high_half_kl"), Format("G6")] public double HighHalf { get; init; }

    [Name("high_half_kl_low"), Format("G6")] public double? HighHalfLow { get; init; }

    [Name("high_half_kl_high"), Format("G6")] public double? HighHalfHigh { get; init; }

    [Name("difference"), Format("G6")] public double Difference { get; init; }

    [Name("difference_low"), Format("G6")] public double? DifferenceLow { get; init; }

    [Name("difference_high"), Format("G6")] public double? DifferenceHigh { get; init; }

    [Name("p"), Format("G4")] public double? P { get; init; }

    [Name("p_holm"), Format("G4")] public double? PHolm { get; init; }

    [Name("relative"), Format("G6")] public double? Relative { get; init; }

    [Name("relative_low"), Format("G6")] public double? RelativeLow { get; init; }

    [Name("relative_high"), Format("G6")] public double? RelativeHigh { get; init; }

    [Name("relative_p"), Format("G4")] public double? RelativeP { get; init; }

    [Name("rank_correlation"), Format("G6")] public double? RankCorrelation { get; init; }

    [Name("rank_correlation_low"), Format("G6")] public double? RankCorrelationLow { get; init; }

    [Name("rank_correlation_high"), Format("G6")] public double? RankCorrelationHigh { get; init; }

    public static LensTestRow Of(LowHighTest test)
    {
        var entropy = CsvEstimate.Of(test.Entropy, test.Samples);
        var low = CsvEstimate.Of(test.Low, test.Samples);
        var high = CsvEstimate.Of(test.High, test.Samples);
        var difference = CsvEstimate.Of(test.Difference, test.Samples);
        var relative = CsvEstimate.Of(test.Relative, test.Samples);
        var correlation = CsvEstimate.Of(test.RankCorrelation, test.Samples);
        return new LensTestRow
        {
            Layer = test.Layer?.ToString(CultureInfo.InvariantCulture) ?? "all",
            Samples = test.Samples,
            Entropy = test.Entropy.Mean,
            EntropyLow = entropy.Low,
            EntropyHigh = entropy.High,
            LowHalf = test.Low.Mean,
            LowHalfLow = low.Low,
            LowHalfHigh = low.High,
            HighHalf = test.High.Mean,
            HighHalfLow = high.Low,
            HighHalfHigh = high.High,
            Difference = test.Difference.Mean,
            DifferenceLow = difference.Low,
            DifferenceHigh = difference.High,
            P = CsvEstimate.Defined(test.P),
            PHolm = CsvEstimate.Defined(test.PHolm),
            Relative = relative.Mean,
            RelativeLow = relative.Low,
            RelativeHigh = relative.High,
            RelativeP = CsvEstimate.Defined(test.RelativeP),
            RankCorrelation = correlation.Mean,
            RankCorrelationLow = correlation.Low,
            RankCorrelationHigh = correlation.High,
        };
    }
}
