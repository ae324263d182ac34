using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Generation;

namespace ActivationReplay.Ablations.Runs;

/// <summary>
/// Questions that are answered together. A batch is a stretch of the data set, whatever shard computes it and whatever a
/// restart finds done: beyond 64 rows, and in other types than fp32 on the CPU, sums of floating point depend on the batch, and
/// so may tokens (see <see cref="TextGenerator"/>).
/// </summary>
internal static class QuestionBatches
{
    // Decoding a row more is nearly free up to here; beyond, caches of keys and values grow large.
    private const int MostRows = 256;

    // More would decode little faster, and be longer until the first result, after Ctrl+C and after a kill.
    private const int MostQuestions = 4;

    /// <summary>Questions a batch where none is asked for: by the answers to a question.</summary>
    public static int Size(int cells, int samples) => (int)Math.Clamp(MostRows / ((long)cells * samples), 1, MostQuestions);

    /// <summary>The batches of a shard; places are those in the data set.</summary>
    public static IReadOnlyList<IReadOnlyList<(int Place, DatasetRow Row)>> Of(IReadOnlyList<DatasetRow> rows, int size, Shard? shard) =>
    [
        .. rows.Index()
            .Chunk(size)
            .Where((_, number) => shard?.Has(number) ?? true)
            .Select(batch => batch.Select(r => (r.Index, r.Item)).ToList()),
    ];
}
