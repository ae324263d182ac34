using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Data;

/// <summary>Log probabilities of answer tokens, with gradients to the language model's weights.</summary>
internal sealed class AnswerPass(QwenVlModel model, PromptFormat format)
{
    private const int Chunks = 4;
    private const int LeastRows = 8;

    /// <summary>
    /// log p of every answer token given all tokens before it, row after row, [Σ answer lengths] fp32. Rows of similar length are
    /// batched, to save padding; the prefix of each picture is computed once.
    /// </summary>
    /// <param name="features">Visual features of the batch's pictures, [P, N, D].</param>
    /// <param name="rows">Questions with answers.</param>
    public Tensor LogProbabilities(Tensor features, IReadOnlyList<TrainingRow> rows)
    {
        using var scope = NewDisposeScope();
        using var products = Products.Hold(model);
        using var prefix = new SharedPrefixPass(model, EmbedPrefix(features), format.PrefixPositions);
        int[] order = [.. Enumerable.Range(0, rows.Count).OrderBy(r => rows[r].Ids.Count)];
        var parts = order.Chunk(Math.Max(LeastRows, (rows.Count + Chunks - 1) / Chunks)).Select(chunk => Chunk(prefix, [.. chunk.Select(r => rows[r])])).ToArray();
        return cat(parts, 0).index_select(0, tensor(OriginalOrder(rows, order))).MoveToOuterDisposeScope();
    }

    private Tensor EmbedPrefix(Tensor features)
    {
        var ids = model.EmbedIds(format.PrefixIds).expand(features.shape[0], -1, -1); // [P, Tp, D]
        return cat([ids.narrow(1, 0, format.FirstVisual), features], 1);
    }

    private Tensor Chunk(SharedPrefixPass prefix, TrainingRow[] rows)
    {
        // The last token is predicted, never read.
        var length = rows.Max(r => r.Ids.Count) - 1;
        var ids = new long[rows.Length * length];
        var (positions, targets) = (new List<long>(), new List<long>());
        foreach (var (r, row) in rows.Index())
        {
            for (var t = 0; t < row.Ids.Count - 1; t++)
            {
                ids[(r * length) + t] = row.Ids[t];
                if (t + 1 >= row.AnswerStart)
                {
                    positions.Add((r * length) + t);
                    targets.Add(row.Ids[t + 1]);
                }
            }
        }

        using var scope = NewDisposeScope();
        var embedded = model.EmbedIds(tensor(ids).view(rows.Length, length));
        var pictures = tensor(rows.Select(r => (long)r.Picture).ToArray());
        var hidden = prefix.Run(embedded, format.TextPositions(length), pictures);
        var answers = hidden.view(-1, hidden.shape[^1]).index_select(0, tensor(positions.ToArray()));
        var logits = model.Unembed(answers).to_type(ScalarType.Float32); // [n, V]
        return logits.log_softmax(-1).gather(-1, tensor(targets.ToArray()).unsqueeze(-1)).squeeze(-1)
            .MoveToOuterDisposeScope();
    }

    // Where each token of the rows in their own order stands among the sorted ones.
    private static long[] OriginalOrder(IReadOnlyList<TrainingRow> rows, int[] order)
    {
        var starts = new long[rows.Count];
        var next = 0L;
        foreach (var r in order)
        {
            starts[r] = next;
            next += rows[r].AnswerLength;
        }

        return [.. rows.Index().SelectMany(row => Enumerable.Range(0, row.Item.AnswerLength).Select(t => starts[row.Index] + t))];
    }
}
