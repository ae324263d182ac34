using System.Globalization;
using ActivationReplay.Replay.Methods;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>Accuracies that others published for a configuration, as parts of 1.</summary>
/// <param name="Benchmark">Its name.</param>
/// <param name="Base">Of the base model.</param>
/// <param name="Rlvr">Of the RLVR model.</param>
/// <param name="Replay">Of the RLVR model with Activation Replay.</param>
public sealed record PublishedNumbers(string Benchmark, double Base, double Rlvr, double Replay);

/// <summary>The section <c>published</c>: figures to print beside one's own.</summary>
/// <param name="Numbers">A line a benchmark.</param>
/// <param name="Source">Where the numbers are from, or null.</param>
/// <param name="Note">What to know of the settings, or null.</param>
/// <param name="Benchmark">The one that the data set is; null where the user did not say.</param>
/// <param name="Method">The method of the numbers with Activation Replay.</param>
public sealed record PublishedConfig(
    IReadOnlyList<PublishedNumbers> Numbers, string? Source = null, string? Note = null, string? Benchmark = null, string Method = PublishedConfig.DefaultMethod)
{
    internal const string MethodKey = Section + "method";
    private const string DefaultMethod = "replay";

    internal const string SourceKey = Section + "source";
    internal const string NoteKey = Section + "note";
    internal const string BenchmarkKey = Section + "benchmark";
    private const string Section = "published.";
    private const string Allowed = "three percentages: base, RLVR, RLVR with Activation Replay";

    /// <summary>The numbers of the benchmark that was named, or null.</summary>
    public PublishedNumbers? Chosen() => Numbers.FirstOrDefault(n => n.Benchmark == Benchmark);

    /// <summary>The number of a cell, or null; published agents have their tool.</summary>
    public double? Of(string method, string? tool) => Chosen() is not { } numbers || tool == AgentConfig.NoTool ? null
        : method == Method ? numbers.Replay
        : method switch
        {
            "base" => numbers.Base,
            "none" => numbers.Rlvr,
            _ => null,
        };

    /// <summary>Whether a key is a benchmark's: <c>published.MathVista</c>.</summary>
    internal static bool IsBenchmark(string key) =>
        key.StartsWith(Section, StringComparison.Ordinal) && key is not (SourceKey or NoteKey or MethodKey or BenchmarkKey);

    /// <summary>Reads the section.</summary>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="ConfigurationException">A benchmark has other than three percentages, or one is named that is not there.</exception>
    internal static PublishedConfig? Read(YamlKeys keys)
    {
        IReadOnlyList<PublishedNumbers> numbers =
            [.. keys.Values.Where(v => IsBenchmark(v.Key)).Select(v => Read(keys, v.Key, v.Value))];
        var benchmark = keys.One(BenchmarkKey);
        if (benchmark is not null && !numbers.Any(n => n.Benchmark == benchmark.Text))
        {
            throw benchmark.Wrong(numbers.Count == 0
                ? "none here: this configuration has no published numbers"
                : string.Join(", ", numbers.Select(n => n.Benchmark)));
        }

        return numbers.Count == 0 ? null : new PublishedConfig(numbers, keys.One(SourceKey)?.Text, keys.One(NoteKey)?.Text, benchmark?.Text, keys.One(MethodKey)?.OneOf(ReplayMethods.Ids) ?? DefaultMethod);
    }

    private static PublishedNumbers Read(YamlKeys keys, string key, IReadOnlyList<ConfigValue> values) =>
        values is [var ofBase, var rlvr, var replay]
            ? new PublishedNumbers(key[Section.Length..], Percent(ofBase), Percent(rlvr), Percent(replay))
            : throw keys.PlaceOf(key).Error(
                string.Create(CultureInfo.InvariantCulture, $"{key} has {values.Count} values; allowed: {Allowed}"));

    // In decimal, so that 73.0 is 0.73 and nothing beside it.
    private static double Percent(ConfigValue value)
    {
        value.Number(n => n is >= 0 and <= 100, Allowed);
        return (double)(decimal.Parse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture) / 100);
    }
}
