using CsvHelper.Configuration.Attributes;

namespace ActivationReplay.Ablations.Tables;

/// <summary>
/// A row of the joined table on one benchmark: a line of table.csv. Accuracies are parts of 1, as in the runs' own tables; intervals
/// are 95%.
/// </summary>
public sealed record JoinedCell
{
    /// <summary>The benchmark of lines that are means over benchmarks.</summary>
    public const string AverageName = "macro average";

    [Name("pair")] public required string Pair { get; init; }

    [Name("row")] public required string Row { get; init; }

    [Name("method")] public required string Method { get; init; }

    [Name("settings")] public required string Settings { get; init; }

    [Name("benchmark")] public required string Benchmark { get; init; }

    [Name("measure")] public required string Measure { get; init; }

    /// <summary>The run that the numbers are of, and its name of the cell; empty in an average.</summary>
    [Name("run")] public string? Run { get; init; }

    [Name("cell")] public string? Cell { get; init; }

    [Name("questions")] public int? Questions { get; init; }

    [Name("answers")] public int? Answers { get; init; }

    [Name("errors")] public int? Errors { get; init; }

    [Name("unparsed")] public int? Unparsed { get; init; }

    [Name("value")] public double? Value { get; init; }

    [Name("low")] public double? Low { get; init; }

    [Name("high")] public double? High { get; init; }

    /// <summary>The value less that of RLVR alone, paired by question.</summary>
    [Name("gain")] public double? Gain { get; init; }

    [Name("gain_low")] public double? GainLow { get; init; }

    [Name("gain_high")] public double? GainHigh { get; init; }

    /// <summary>p of the gain, corrected over the cells of its run; empty for pass@k and averages.</summary>
    [Name("gain_p_holm")] public double? GainP { get; init; }

    [Name("published")] public double? Published { get; init; }

    /// <summary>The published number less that of RLVR alone.</summary>
    [Name("published_gain")] public double? PublishedGain { get; init; }

    /// <summary>Whether every question of the run has its answers.</summary>
    [Name("complete")] public bool IsComplete { get; init; }

    /// <summary>Why there is no value, in words.</summary>
    [Name("missing")] public string? Missing { get; init; }
}
