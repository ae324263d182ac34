using System.Globalization;
using ActivationReplay.Ablations.Commands;
using ActivationReplay.Benchmarks.Children;
using ActivationReplay.Benchmarks.Reports;
using ActivationReplay.Benchmarks.Workloads;

namespace ActivationReplay.Benchmarks.Memory;

/// <summary><c>memory-plan</c>: the planner's estimates beside measured peaks, stage by stage, on pairs of several shapes.</summary>
internal static class MemoryPlanCommand
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "memory-plan";

    private static readonly (string Shape, string Dtype)[] s_pairs =
        [("m", "float32"), ("wide", "float32"), ("deep", "float32")];

    /// <summary>Measures every stage in a process of its own, prints and writes memory-plan.md.</summary>
    public static int Run(MeasureOptions options)
    {
        var rows = new List<IReadOnlyList<string>>();
        Directory.CreateDirectory(options.Output);
        foreach (var (shape, dtype) in s_pairs)
        {
            var own = options with { Shape = shape, Dtype = dtype };
            foreach (var stage in PlannedStage.Names)
            {
                var numbers = ChildProcess.Run(own, ChildCommand.Plan, stage);
                var (estimate, measured) = (numbers[ChildCommand.EstimateBytes]!.Value, numbers[ChildCommand.PeakBytes]);
                rows.Add(
                [
                    shape, dtype, stage, Megabytes(estimate), Megabytes(measured),
                    Megabytes(numbers[ChildCommand.LeastPeakBytes]), Megabytes(numbers[ChildCommand.MostPeakBytes]), Text(estimate / measured, "0.00"),
                ]);
                Console.WriteLine(string.Join("  ", rows[^1]));
                // After each, since all of them take minutes.
                MarkdownReport.Write(
                    Path.Combine(options.Output, $"{FileName}.md"), options, FileName,
                    ["shape", "type", "stage", "estimate, MB", "measured, MB", "least", "most", "estimate / median"], rows);
            }
        }

        return ExitCode.Success;
    }

    private static string Megabytes(double? bytes) => Text(bytes / 1e6, "0");

    private static string Text(double? value, string form) => value?.ToString(form, CultureInfo.InvariantCulture) ?? "–";
}
