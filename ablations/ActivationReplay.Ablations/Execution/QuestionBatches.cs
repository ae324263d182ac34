using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Generation;

namespace ActivationReplay.Ablations.Execution;

/// <summary>
/// Questions that are answered together. A batch is a stretch of the data set, whatever shard computes it and whatever a
/// restart finds done: in other types than fp32 and on other devices than the CPU, sums of floating point depend on the batch, and
/// so may tokens (see <see cref="TextGenerator"/>).
/// </summary>
internal static class QuestionBatches
{
    /// <summary>The batches of a shard; indices are those in the data set.</summary>
    public static IReadOnlyList<IReadOnlyList<(int Index, DatasetRow Row)>> Of(IReadOnlyList<DatasetRow> rows, int size, Shard? shard) =>
    [
        .. rows.Index()
            .Chunk(size)
            .Where((_, number) => shard?.Has(number) ?? true)
            .Select(batch => batch.Select(r => (r.Index, r.Item)).ToList()),
    ];
}
