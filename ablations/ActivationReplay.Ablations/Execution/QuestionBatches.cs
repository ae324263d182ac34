using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Evaluation.Datasets;

namespace ActivationReplay.Ablations.Execution;

/// <summary>
/// Questions that are answered together. A batch is a stretch of the data set, whatever shard computes it and whatever a
/// restart finds done: floating point sums depend on the batch, so results would, too.
/// </summary>
internal static class QuestionBatches
{
    /// <summary>The batches of a shard; places are those in the data set.</summary>
    public static IReadOnlyList<IReadOnlyList<(int Place, DatasetRow Row)>> Of(IReadOnlyList<DatasetRow> rows, int size, Shard? shard) =>
    [
        .. rows.Index()
            .Chunk(size)
            .Where((_, number) => shard?.Has(number) ?? true)
            .Select(batch => batch.Select(r => (r.Index, r.Item)).ToList()),
    ];
}
