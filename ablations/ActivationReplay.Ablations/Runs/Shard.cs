using System.Globalization;
using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Evaluation.Datasets;

namespace ActivationReplay.Ablations.Runs;

/// <summary>Part i of n of a data set's batches.</summary>
/// <param name="Index">From 1.</param>
/// <param name="Count">How many parts.</param>
public readonly record struct Shard(int Index, int Count)
{
    /// <summary>Reads <c>I/N</c>.</summary>
    /// <exception cref="ArgumentException">It is of another form.</exception>
    public static Shard Parse(string text) =>
        text.Split('/') is [var i, var n]
        && int.TryParse(i, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
        && int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
        && index >= 1 && index <= count
            ? new Shard(index, count)
            : throw new ArgumentException($"--shard {text}: allowed is I/N with 1 ≤ I ≤ N, for example 1/4.");

    /// <summary>Whether the batch of a number, from 0, belongs to this part.</summary>
    public bool Has(int batch) => batch % Count == Index - 1;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Index}/{Count}");
}

/// <summary>
/// Questions that are answered together. A batch is a stretch of the data set, whatever shard computes it and whatever a
/// restart finds done: floating point sums depend on the batch, so results would, too.
/// </summary>
internal static class QuestionBatches
{
    // Decoding a row more is nearly free up to here; beyond, caches of keys and values grow large.
    private const int MostRows = 256;
    private const int Small = 8;
    private const int Large = 4;

    /// <summary>The configuration with its batch chosen: by the model's size, within a bound on rows.</summary>
    public static RunConfig Resolve(RunConfig config, LoadedPair pair)
    {
        var rows = config.Cells.Count * config.Generation.Samples;
        var chosen = CpuThreads.IsSmall(pair.Model(Replay.ModelRole.Rlvr)) ? Small : Large;
        return config.Batch > 0 ? config : config with { Batch = Math.Clamp(MostRows / rows, 1, chosen) };
    }

    /// <summary>The batches of a shard; places are those in the data set.</summary>
    public static IReadOnlyList<IReadOnlyList<(int Place, DatasetRow Row)>> Of(IReadOnlyList<DatasetRow> rows, int size, Shard? shard) =>
    [
        .. rows.Index()
            .Chunk(size)
            .Where((_, number) => shard?.Has(number) ?? true)
            .Select(batch => batch.Select(r => (r.Index, r.Item)).ToList()),
    ];
}
