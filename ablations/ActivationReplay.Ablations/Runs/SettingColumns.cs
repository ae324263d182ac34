using System.Globalization;
using ActivationReplay.Generation;
using ActivationReplay.Replay;
using CsvHelper.Configuration.Attributes;

namespace ActivationReplay.Ablations.Runs;

/// <summary>The settings of a cell as CSV columns; those that a method does not use are empty.</summary>
public sealed record SettingColumns
{
    [Name("method")] public required string Method { get; init; }

    [Name("layers")] public string? Layers { get; init; }

    [Name("alignment")] public string? Alignment { get; init; }

    [Name("selection")] public string? Selection { get; init; }

    [Name("threshold")] public string? Threshold { get; init; }

    [Name("words")] public int? Words { get; init; }

    [Name("direction")] public string? Direction { get; init; }

    [Name("optimiser")] public string? Optimiser { get; init; }

    [Name("learning_rate")] public double? LearningRate { get; init; }

    [Name("iterations")] public int? Iterations { get; init; }

    [Name("grid_ratio")] public double? GridRatio { get; init; }

    [Name("grid_cells")] public int? GridCells { get; init; }

    [Name("prefill_ratio")] public double? PrefillRatio { get; init; }

    [Name("cross_thresholds")] public string? CrossThresholds { get; init; }

    [Name("max_new_tokens")] public int MaxNewTokens { get; init; }

    [Name("temperature")] public double Temperature { get; init; }

    [Name("top_p")] public double TopP { get; init; }

    [Name("top_k")] public int TopK { get; init; }

    [Name("samples")] public int Samples { get; init; }

    [Name("dtype")] public required string Dtype { get; init; }

    [Name("device")] public required string Device { get; init; }

    [Name("base")] public required string Base { get; init; }

    [Name("rlvr")] public required string Rlvr { get; init; }

    [Name("dataset")] public required string Dataset { get; init; }

    /// <summary>The columns of a cell.</summary>
    public static SettingColumns Of(RunPlan plan, string method)
    {
        var common = new SettingColumns
        {
            Method = method,
            MaxNewTokens = plan.Generation.MaxNewTokens,
            Temperature = plan.Generation.Temperature,
            TopP = plan.Generation.TopP,
            TopK = plan.Generation.TopK,
            Samples = plan.Generation.Samples,
            Dtype = plan.Dtype,
            Device = plan.Device,
            Base = plan.Base,
            Rlvr = plan.Rlvr,
            Dataset = plan.Dataset,
        };
        var used = ReplayMethods.Get(method);
        return common.With(used.Effective(plan.Replay), used.Uses);
    }

    private SettingColumns With(ReplaySettings replay, MethodSettings uses)
    {
        var columns = this;
        if (uses.HasFlag(MethodSettings.Loop))
        {
            columns = columns with
            {
                Optimiser = replay.Optimiser.ToString(),
                LearningRate = replay.LearningRate,
                Iterations = replay.Iterations,
                GridRatio = replay.GridCells is null ? replay.GridRatio : null,
                GridCells = replay.GridCells,
            };
        }

        if (uses.HasFlag(MethodSettings.Targets))
        {
            columns = columns with
            {
                Layers = string.Join(' ', replay.Layers),
                Alignment = replay.Alignment.ToString(),
                Selection = replay.Selection.ToString(),
                Threshold = string.Create(CultureInfo.InvariantCulture, $"{replay.Threshold.Rule}:{replay.Threshold.Value}"),
                Words = replay.TopK,
                Direction = replay.Direction.ToString(),
            };
        }

        if (uses.HasFlag(MethodSettings.Layer))
        {
            columns = columns with { Layers = replay.Layer.ToString(CultureInfo.InvariantCulture) };
        }

        if (uses.HasFlag(MethodSettings.CrossThresholds))
        {
            columns = columns with
            {
                Alignment = replay.Alignment.ToString(),
                CrossThresholds = string.Join(' ', replay.CrossThresholds.Select(t => t.ToString(CultureInfo.InvariantCulture))),
            };
        }

        return uses.HasFlag(MethodSettings.PrefillRatio) ? columns with { PrefillRatio = replay.PrefillRatio } : columns;
    }
}

/// <summary>What a run does: the same for all its cells but the method.</summary>
/// <param name="Methods">A cell a method.</param>
/// <param name="Replay">Settings of the loop.</param>
/// <param name="Generation">Settings of generation.</param>
/// <param name="Dtype">Type of the weights, as asked for.</param>
/// <param name="Device">Where it runs.</param>
/// <param name="Base">Folder of the base checkpoint.</param>
/// <param name="Rlvr">Folder of the RLVR checkpoint.</param>
/// <param name="Dataset">The data set's file.</param>
/// <param name="SystemPrompt">System message of every prompt, or null.</param>
public sealed record RunPlan(
    IReadOnlyList<string> Methods,
    ReplaySettings Replay,
    GenerationSettings Generation,
    string Dtype,
    string Device,
    string Base,
    string Rlvr,
    string Dataset,
    string? SystemPrompt);
