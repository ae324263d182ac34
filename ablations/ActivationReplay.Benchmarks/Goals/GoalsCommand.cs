using System.Globalization;
using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Benchmarks.Reports;
using ActivationReplay.Benchmarks.Workloads;

namespace ActivationReplay.Benchmarks.Goals;

/// <summary>A line of goals.csv.</summary>
internal sealed record GoalRow(string Goal, string Bound, double? Measured, string Met, string Detail);

/// <summary><c>goals</c>: every goal of one run, printed and written to goals.md and goals.csv.</summary>
internal static class GoalsCommand
{
    /// <summary>Name of the files.</summary>
    public const string FileName = "goals";

    /// <summary>Measures, prints, writes.</summary>
    /// <returns>Success if each goal that could be measured is met.</returns>
    public static int Run(MeasureOptions options)
    {
        var results = new List<GoalResult>();
        using (var pair = RandomPair.Load(options))
        {
            Add(LoopGoals.Measure(options, pair));
            Add(GenerationGoals.Measure(options, pair));
        }

        Add(LoadGoals.Measure(options));
        Add(EmbeddedGoals.Measure(options));
        Write(options, results);
        return results.Exists(r => r.IsMet == false) ? ExitCode.RowsFailed : ExitCode.Success;

        void Add(IEnumerable<GoalResult> measured)
        {
            foreach (var result in measured)
            {
                results.Add(result);
                Console.WriteLine(Line(result));
            }
        }
    }

    /// <summary>Writes goals.csv and goals.md.</summary>
    internal static void Write(MeasureOptions options, IReadOnlyList<GoalResult> results)
    {
        Directory.CreateDirectory(options.Output);
        GoalRow[] rows = [.. results.Select(r => new GoalRow(r.Goal.Name, r.Goal.Bound, r.Measured, Met(r), r.Detail))];
        CsvTable.Write(Path.Combine(options.Output, $"{FileName}.csv"), rows);
        MarkdownReport.Write(
            Path.Combine(options.Output, $"{FileName}.md"),
            options,
            "goals",
            ["goal", "bound", "measured", "met", "from"],
            rows.Select(r => (IReadOnlyList<string>)[r.Goal, r.Bound, Number(r.Measured), r.Met, r.Detail]));
    }

    private static string Line(GoalResult result) =>
        $"{Number(result.Measured),7} {result.Goal.Bound,-7} {Met(result),-4} {result.Goal.Name}: {result.Detail}";

    private static string Met(GoalResult result) => result.IsMet switch
    {
        true => "yes",
        false => "no",
        null => "–",
    };

    private static string Number(double? value) => value?.ToString("0.000", CultureInfo.InvariantCulture) ?? "–";
}
