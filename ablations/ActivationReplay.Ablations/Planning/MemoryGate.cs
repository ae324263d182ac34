using System.Globalization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using ActivationReplay.Lens;

namespace ActivationReplay.Ablations.Planning;

/// <summary>A run does not fit memory. The message says how much it needs, how much there is, and what would fit.</summary>
internal sealed class MemoryPlanException(string message) : Exception(message);

/// <summary>Chooses how much of a run is computed together, and refuses one that cannot fit, before anything is loaded.</summary>
/// <param name="config">The run.</param>
/// <param name="pair">Its checkpoints; none of their weights is read.</param>
/// <param name="prompt">Its largest prompt.</param>
/// <param name="budget">What there is.</param>
internal sealed class MemoryGate(RunConfig config, CheckpointPair pair, PromptShape prompt, MemoryBudget budget)
{
    private const int LeastShare = 16; // of the engine's own rows of the vocabulary

    private readonly MemoryPlanner planner = new(config, pair, prompt);

    /// <summary>The plan with the most that memory holds together: first fewer loops if they take most, then fewer questions, then less of what takes most.</summary>
    public MemoryPlan Choose()
    {
        var plan = planner.Of(planner.Whole);
        while (plan.Devices.FirstOrDefault(d => !budget.Holds(d)) is { } full && Smaller(plan.Sizes, full) is { } sizes)
        {
            plan = planner.Of(sizes);
        }

        return plan;
    }

    /// <summary>The plan with sizes that were chosen before.</summary>
    public MemoryPlan Of(WorkSizes sizes) => planner.Of(sizes);

    /// <summary>Refuses a run that cannot fit.</summary>
    /// <param name="least">The plan of what the run can do with the least.</param>
    /// <param name="ways">Other configurations and prompts to try, in words that set them.</param>
    /// <exception cref="MemoryPlanException">It cannot; the message names those of the ways that would.</exception>
    public void Check(Func<MemoryPlanner, MemoryPlan> least, IEnumerable<MemoryWay> ways)
    {
        if (least(planner).Devices.FirstOrDefault(budget.CannotHold) is not { } full)
        {
            return;
        }

        var tried = ways.ToList();
        var fitting = tried.Select(way => (way.Words, Plan: least(new MemoryPlanner(way.Config, pair, way.Prompt))))
            .Where(w => budget.Holds(w.Plan))
            .Select(w => string.Create(CultureInfo.InvariantCulture, $"{w.Words} ({Gigabytes(w.Plan.Devices.Sum(d => d.Total))} GB)"))
            .ToList();
        throw new MemoryPlanException(
            $"{full.Device} does not hold this: at least {Gigabytes(full.Least)} GB are needed with the least at a time"
            + $" ({Gigabytes(full.Weights)} of them weights), {Gigabytes(budget.Of(full.Device)!.Value.Free)} GB are free. "
            + (fitting.Count > 0
                ? $"These fit, each by itself: {string.Join("; ", fitting)}. "
                : $"Nothing that was tried fits: {string.Join("; ", tried.Select(w => w.Words))}. ")
            + "--memory unchecked goes on at your own risk.");
    }

    private WorkSizes? Smaller(WorkSizes sizes, DevicePlan full)
    {
        if (sizes.Loops > 1 && full.Loop > Math.Max(full.Recording, full.Generation))
        {
            return sizes with { Loops = sizes.Loops / 2 };
        }

        if (sizes.Questions > 1)
        {
            var questions = sizes.Questions / 2;
            return sizes with { Questions = questions, Loops = Math.Min(sizes.Loops, questions) };
        }

        var sequences = (int)Math.Min(sizes.Sequences, (long)config.Cells.Count * config.Generation.Samples);
        var standard = LogitLens.DefaultRows(pair.Base.Config.Text.VocabularySize);
        var rows = sizes.VocabularyRows ?? standard;
        // The part that takes most first; a part that is not the largest makes no difference.
        return new (long Bytes, WorkSizes? Sizes)[]
            {
                (full.Generation, sequences > 1 ? sizes with { Sequences = sequences / 2 } : null),
                (full.Loop, sizes.Variants > 1 ? sizes with { Variants = sizes.Variants / 2 } : null),
                (full.Recording, rows > Math.Max(1, standard / LeastShare) ? sizes with { VocabularyRows = Math.Max(1, rows / 4) } : null),
            }
            .OrderByDescending(part => part.Bytes).Select(part => part.Sizes).FirstOrDefault();
    }

    private static string Gigabytes(long bytes) => (bytes / 1e9).ToString("0.0", CultureInfo.InvariantCulture);
}
