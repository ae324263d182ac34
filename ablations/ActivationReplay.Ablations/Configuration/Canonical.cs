using System.Globalization;
using ActivationReplay.Generation;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>Settings as text that is equal exactly where results are: what a method does not use is left out.</summary>
internal static class Canonical
{
    public static string Of(string method, ReplaySettings s)
    {
        var uses = ReplayMethods.Get(method).Uses;
        var parts = new List<string> { method };
        Add(MethodSettings.Loop, s.Optimiser, s.LearningRate, s.Iterations, s.GridCells is { } cells ? $"cells {cells}" : s.GridRatio);
        if (s.StopAt > 0)
        {
            Add(MethodSettings.Loop, $"stop at {Text(s.StopAt)}");
        }

        Add(MethodSettings.Targets, string.Join(' ', s.Layers), s.Alignment, s.Selection, s.Threshold, s.TopK, s.Direction, s.Seed);
        Add(MethodSettings.Layer, s.Layer);
        Add(MethodSettings.CrossThresholds, s.Alignment, string.Join(' ', s.CrossThresholds.Select(Text)));
        Add(MethodSettings.PrefillRatio, s.PrefillRatio);
        return string.Join(';', parts);

        void Add(MethodSettings group, params object[] values)
        {
            if (uses.HasFlag(group))
            {
                parts.AddRange(values.Select(Text));
            }
        }
    }

    public static string Of(GenerationSettings g) => string.Join(';', new object[]
    {
        g.MaxNewTokens, g.Temperature, g.TopP, g.TopK, g.Seed,
    }.Select(Text));

    private static string Text(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
