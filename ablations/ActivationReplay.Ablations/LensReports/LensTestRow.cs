using System.Globalization;
using ActivationReplay.Evaluation.Shifts;
using CsvHelper.Configuration.Attributes;

namespace ActivationReplay.Ablations.LensReports;

/// <summary>Low against high entropy at one layer, or over all: a line of lens-test.csv. See <see cref="LowHighTest"/>.</summary>
public sealed record LensTestRow
{
    [Name("layer")] public required string Layer { get; init; }

    [Name("samples")] public int Samples { get; init; }

    [Name("low_half_kl"), Format("G6")] public double Low { get; init; }

    [Name("high_half_kl"), Format("G6")] public double High { get; init; }

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
        var difference = CsvEstimate.Of(test.Difference, test.Samples);
        var relative = CsvEstimate.Of(test.Relative, test.Samples);
        var correlation = CsvEstimate.Of(test.RankCorrelation, test.Samples);
        return new LensTestRow
        {
            Layer = test.Layer?.ToString(CultureInfo.InvariantCulture) ?? "all",
            Samples = test.Samples,
            Low = test.Low,
            High = test.High,
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
