using ActivationReplay.Benchmarks.Counting;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Benchmarks.Workloads;

/// <summary>Counts and times of loops over a context.</summary>
internal static class LoopMeasure
{
    private static readonly IReplayMethod Replay = ReplayMethods.Get("replay");

    /// <summary>Needed work of one iteration of all variants. Weights are read once for all, as one batch does.</summary>
    public static Work WorkOf(ReplayContext context, IReadOnlyList<ReplaySettings> variants)
    {
        var model = context.Model(ModelRole.Rlvr);
        var total = new Work();
        foreach (var settings in variants)
        {
            using var prepared = Replay.Prepare(context, settings with { Iterations = 0 });
            var one = LoopWork.Iteration(
                model.Config.Text, context.Inputs, settings.Layers, prepared.Selected!, settings.TopK, model.HeadWeight.element_size());
            total = total + one with { Bytes = 0 } + new Work(0, 0, Math.Max(0, one.Bytes - total.Bytes));
        }

        return total;
    }

    /// <summary>Positions that take part in the loss, all layers together.</summary>
    public static int SelectedOf(ReplayContext context, ReplaySettings settings)
    {
        using var prepared = Replay.Prepare(context, settings with { Iterations = 0 });
        return prepared.Selected!.Sum(positions => positions.Count);
    }

    /// <summary>Seconds of an iteration, as the loop's own trace has it.</summary>
    public static double SecondsPerIteration(ReplayContext context, ReplaySettings settings)
    {
        using var prepared = Replay.Prepare(context, settings);
        return prepared.Trace!.Seconds / prepared.Trace.Losses.Count;
    }
}
