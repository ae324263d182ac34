using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Planning;
using ActivationReplay.Checkpoints;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Inputs;

namespace ActivationReplay.Ablations.Commands;

/// <summary>The plan of a run on its data set.</summary>
/// <param name="Plan">What it takes, and what is computed together.</param>
/// <param name="Budget">What there is.</param>
/// <param name="Check">Refuses the plan if it cannot fit.</param>
internal sealed record RunPlanning(MemoryPlan Plan, MemoryBudget Budget, Action Check)
{
    /// <summary>Plans a run whose prompts have some shapes.</summary>
    /// <param name="config">The run.</param>
    /// <param name="pair">Its checkpoints.</param>
    /// <param name="processor">Makes its prompts.</param>
    /// <param name="rows">The whole data set, so that all shards plan alike.</param>
    /// <param name="shapes">The shape of each row's prompt; null for a row that cannot be used.</param>
    /// <param name="isShard">Whether it is one of several parts.</param>
    /// <param name="kept">Sizes that an earlier start chose, or null.</param>
    /// <returns>The plan; null where no row can be used.</returns>
    public static RunPlanning? Of(
        RunConfig config,
        CheckpointPair pair,
        Processor processor,
        IReadOnlyList<DatasetRow> rows,
        IReadOnlyList<PromptShape?> shapes,
        bool isShard,
        WorkSizes? kept = null)
    {
        var known = rows.Zip(shapes).Where(p => p.Second is not null).Select(p => (Sample: p.First.Sample!, Shape: p.Second!.Value)).ToList();
        if (known.Count == 0)
        {
            return null;
        }

        var largest = known.MaxBy(k => k.Shape.Length).Sample;
        var prompt = PromptShape.Largest([.. known.Select(k => k.Shape)]);
        var budget = new MemoryBudget(MemoryLimit.Parse(config.Pair.Memory)!.Value, SystemMemory.Here, isShard);
        var gate = new MemoryGate(config, pair, prompt, budget);
        var plan = kept is null ? gate.Choose() : gate.Of(kept);
        return new RunPlanning(plan, budget, () => gate.Check(
            least => least.Smallest(),
            MemoryWay.Of(config, prompt, pixels => PromptShapes.Of(config, processor, largest, pixels), budget)));
    }

    /// <summary>Plans a run from the headers of its pictures and checkpoints, and refuses it where it cannot fit.</summary>
    /// <param name="config">The run.</param>
    /// <param name="rows">The whole data set.</param>
    /// <param name="isShard">Whether it is one of several parts.</param>
    /// <param name="kept">Sizes that an earlier start chose, or null.</param>
    /// <param name="show">Shows the plan before it may be refused.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="MemoryPlanException">It cannot fit.</exception>
    public static RunPlanning? Of(
        RunConfig config, IReadOnlyList<DatasetRow> rows, bool isShard, WorkSizes? kept, Action<RunPlanning>? show, CancellationToken cancel)
    {
        Native.Libtorch.Load();
        using var pair = CheckpointPair.Open(config.Pair.Base, config.Pair.Rlvr);
        var processor = Processor.Load(pair.BaseProcessorFolder, pair.Base.Config);
        var planning = Of(config, pair, processor, rows, PromptShapes.Of(config, processor, rows, cancel), isShard, kept);
        if (planning is not null)
        {
            show?.Invoke(planning);
            planning.Check();
        }

        return planning;
    }
}
