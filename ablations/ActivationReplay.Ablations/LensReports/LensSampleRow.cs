using ActivationReplay.Evaluation.Shifts;
using CsvHelper.Configuration.Attributes;

namespace ActivationReplay.Ablations.LensReports;

/// <summary>One sample over all layers, or why it has no numbers: a line of lens-samples.csv. Nats.</summary>
public sealed record LensSampleRow
{
    [Name("sample")] public required string Sample { get; init; }

    [Name("positions")] public int? Positions { get; init; }

    [Name("kl_mean"), Format("G6")] public double? Kl { get; init; }

    [Name("low_half_kl"), Format("G6")] public double? Low { get; init; }

    [Name("high_half_kl"), Format("G6")] public double? High { get; init; }

    [Name("error")] public string? Error { get; init; }

    public static LensSampleRow Of(SampleShift shift) => new()
    {
        Sample = shift.Id,
        Positions = shift.Positions,
        Kl = shift.Layers.Average(l => l.MeanKl),
        Low = shift.Layers.Average(l => l.LowKl),
        High = shift.Layers.Average(l => l.HighKl),
    };
}
