using System.Globalization;
using ActivationReplay.Benchmarks.Children;
using ActivationReplay.Benchmarks.Workloads;

namespace ActivationReplay.Benchmarks.Goals;

/// <summary>Goals of loading: time against reading the file, resident memory against its size.</summary>
internal static class LoadGoals
{
    private const double LeastBytes = 500e6;

    /// <summary>Measures them in a process that has loaded nothing else.</summary>
    public static IEnumerable<GoalResult> Measure(MeasureOptions options)
    {
        var child = ChildProcess.Run(options, ChildCommand.Load);
        var bytes = child[ChildCommand.FileBytes]!.Value;
        var size = string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0} MB{(bytes < LeastBytes ? ", below the 500 MB of the goal" : "")}");
        yield return new GoalResult(
            new Goal("load until all weights are usable / reading the file", 1.2),
            child[ChildCommand.LoadRatio],
            string.Create(
                CultureInfo.InvariantCulture,
                $"{child[ChildCommand.LoadSeconds]:0.000} s / {child[ChildCommand.ReadSeconds]:0.000} s; {size}, in the system's cache"));
        var goal = new Goal("resident memory of the loaded weights / the file", 1.05);
        yield return child[ChildCommand.ResidentBytes] is { } resident
            ? new GoalResult(goal, resident / bytes, string.Create(CultureInfo.InvariantCulture, $"{resident / 1e6:0} MB / {size}"))
            : new GoalResult(goal, null, "this system does not say");
    }
}
