using System.Globalization;
using ActivationReplay.Ablations.Planning;

namespace ActivationReplay.Ablations.Commands;

/// <summary>A plan of memory for people.</summary>
internal static class PlanTable
{
    private static readonly string[] s_columns = ["weights", "mapped", "program", "questions", "recording", "loop", "generation", "total", "free"];

    /// <summary>A line a device, in GB, and what is computed together.</summary>
    public static IEnumerable<string> Lines(MemoryPlan plan, MemoryBudget budget)
    {
        yield return $"{"memory, GB",-12}{string.Concat(s_columns.Select(c => c.PadLeft(11)))}";
        foreach (var d in plan.Devices)
        {
            var bytes = new[] { d.Weights, d.Mapped, d.Program, d.Held, d.Recording, d.Loop, d.Generation, d.Total };
            var free = budget.Of(d.Device) is { } memory ? $"{Text(memory.Free)} of {Text(memory.Total)}" : "not there";
            yield return $"{d.Device,-12}{string.Concat(bytes.Select(b => Text(b).PadLeft(11)))}     {free}";
        }

        var sizes = plan.Sizes;
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"computed together: {Count(sizes.Questions, "question")}, {Count(sizes.Loops, "loop")} of {Count(sizes.Variants, "variant")}, {Count(sizes.Sequences, "answer")}")
            + (sizes.VocabularyRows is { } rows ? string.Create(CultureInfo.InvariantCulture, $", {rows} rows of the vocabulary") : "");
        if (plan.Devices.FirstOrDefault(d => !budget.Holds(d)) is { } full)
        {
            yield return $"note: {full.Device} may not hold this; where memory runs out, halves are computed, and the rows say so";
        }
    }

    private static string Count(int count, string thing) => string.Create(CultureInfo.InvariantCulture, $"{count} {thing}{(count == 1 ? "" : "s")}");

    private static string Text(long bytes) => (bytes / 1e9).ToString("0.00", CultureInfo.InvariantCulture);
}
