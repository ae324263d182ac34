using CsvHelper.Configuration.Attributes;

namespace ActivationReplay.Ablations.Tables;

/// <summary>A cell's difference to RLVR alone, pooled over runs: a line of pool.csv. Parts of 1; the interval is 95%.</summary>
public sealed record PooledCell
{
    [Name("cell")] public required string Cell { get; init; }

    [Name("method")] public required string Method { get; init; }

    [Name("measure")] public required string Measure { get; init; }

    /// <summary>k, the runs that were pooled.</summary>
    [Name("runs")] public int Runs { get; init; }

    /// <summary>The pairs among them.</summary>
    [Name("pairs")] public int Pairs { get; init; }

    /// <summary>Questions of all runs.</summary>
    [Name("questions")] public int Questions { get; init; }

    [Name("difference")] public double Difference { get; init; }

    [Name("low")] public double Low { get; init; }

    [Name("high")] public double High { get; init; }

    [Name("standard_error")] public double StandardError { get; init; }

    [Name("p")] public double P { get; init; }

    /// <summary>p after Holm's correction over the pooled cells.</summary>
    [Name("p_holm")] public double Corrected { get; init; }

    /// <summary>τ², the variance of the runs' own differences.</summary>
    [Name("tau_squared")] public double TauSquared { get; init; }

    /// <summary>I², the part of their spread that is not of their errors.</summary>
    [Name("i_squared")] public double ISquared { get; init; }

    [Name("q")] public double Q { get; init; }

    [Name("q_p")] public double HeterogeneityP { get; init; }
}

/// <summary>The difference of one run that was pooled: a line of pool-runs.csv.</summary>
public sealed record PooledRun
{
    [Name("cell")] public required string Cell { get; init; }

    [Name("run")] public required string Run { get; init; }

    [Name("pair")] public required string Pair { get; init; }

    [Name("benchmark")] public required string Benchmark { get; init; }

    [Name("settings")] public required string Settings { get; init; }

    [Name("questions")] public int Questions { get; init; }

    [Name("difference")] public double Difference { get; init; }

    [Name("low")] public double Low { get; init; }

    [Name("high")] public double High { get; init; }

    [Name("standard_error")] public double StandardError { get; init; }

    /// <summary>Its part in the mean; those of a cell add up to 1.</summary>
    [Name("weight")] public double Weight { get; init; }

    /// <summary>Whether every question of the run has its answers.</summary>
    [Name("complete")] public bool IsComplete { get; init; }
}
