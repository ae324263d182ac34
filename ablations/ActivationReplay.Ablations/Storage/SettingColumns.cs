using System.Globalization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using CsvHelper.Configuration.Attributes;

namespace ActivationReplay.Ablations.Storage;

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

    [Name("stop_at")] public double? StopAt { get; init; }

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
    public static SettingColumns Of(RunConfig config, Cell cell)
    {
        var common = new SettingColumns
        {
            Method = cell.Method,
            MaxNewTokens = config.Generation.MaxNewTokens,
            Temperature = config.Generation.Temperature,
            TopP = config.Generation.TopP,
            TopK = config.Generation.TopK,
            Samples = config.Generation.Samples,
            Dtype = config.Pair.Dtype,
            Device = config.Pair.Device,
            Base = Named(config.Pair.Base),
            Rlvr = Named(config.Pair.Rlvr),
            Dataset = Named(config.Dataset),
        };
        return common.With(cell.Settings, ReplayMethods.Get(cell.Method).Uses);
    }

    // The last two parts: results are the same wherever the folder lies.
    internal static string Named(string path) => TaskDataset.Is(path)
        ? path
        : Path.Combine(Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path)) ?? ""), Path.GetFileName(path));

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
                StopAt = replay.StopAt,
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
