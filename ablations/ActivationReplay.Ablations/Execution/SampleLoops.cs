using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Replay.Methods;

namespace ActivationReplay.Ablations.Execution;

/// <summary>
/// Prepares the cells of questions, the variants of a method in one loop. Where memory runs out the questions of a loop are halved, then
/// the variants of a single one; a variant that does not fit alone has failed.
/// </summary>
/// <param name="config">The run.</param>
/// <param name="phase">Which cells are answered.</param>
/// <param name="sizes">How much is computed together.</param>
internal sealed class SampleLoops(RunConfig config, PairPhase phase, WorkSizes sizes)
{
    private readonly IReadOnlyList<Cell> cells = config.AnsweredIn(phase);

    /// <summary>Prepares every cell of questions. The preparations belong to the questions as soon as they are there.</summary>
    /// <param name="together">The questions.</param>
    /// <param name="isOne">Whether this is the only question of its batch, so that nothing but its own work can make room.</param>
    public void Prepare(IReadOnlyList<PreparedQuestion> together, bool isOne)
    {
        foreach (var method in cells.GroupBy(c => c.Method))
        {
            var most = method.Count() <= sizes.Variants ? together.Count : 1;
            Halving.Run<PreparedQuestion, PreparedCell>(together, most, (part, wasHalved) =>
            {
                if (part is [var question])
                {
                    Prepare(question, method, isOne, MemoryNote.Of(wasHalved, 1, "loop"));
                }
                else
                {
                    Variants(method.Key, part, [.. method], MemoryNote.Of(wasHalved, part.Count, "loop"));
                }

                return [];
            });
        }
    }

    private void Prepare(PreparedQuestion question, IGrouping<IReplayMethod, Cell> method, bool isOne, string? note) => Halving.Run<Cell, PreparedCell>(
        [.. method],
        sizes.Variants,
        (own, wasHalved) =>
        {
            Variants(method.Key, [question], own, MemoryNote.Joined(note, MemoryNote.Of(wasHalved, own.Count, "variant")));
            return [];
        },
        (cell, e) =>
        {
            question.Failed.Add((cell, MemoryNote.Error(e, config)));
            return [];
        },
        halves: isOne);

    private void Variants(IReplayMethod method, IReadOnlyList<PreparedQuestion> questions, IReadOnlyList<Cell> own, string? note)
    {
        var repetitions = config.Generation.Samples;
        var prepared = PreparedVariants.Of(method, [.. questions.Select(q => q.Context)], [.. own.Select(c => c.Settings)]);
        foreach (var (question, all) in questions.Zip(prepared))
        {
            question.Cells.AddRange(own.Zip(all.Preparations).Select(p => new PreparedCell(
                p.First,
                p.Second,
                new SampleTimes
                {
                    Vision = all.Vision / repetitions,
                    Recording = all.Recording / repetitions,
                    Loop = (p.Second.Trace?.Seconds ?? 0) / repetitions,
                },
                note)));
        }
    }
}
