using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Data;

/// <summary>Log probabilities of answer tokens, with gradients to the language model's weights.</summary>
internal sealed class AnswerPass(QwenVlModel model)
{
    private const int Chunks = 4;
    private const int LeastRows = 8;

    /// <summary>
    /// log p of every trained token given all tokens before it, row after row, [Σ answer lengths] fp32. Rows of similar length are
    /// batched, to save padding; the prefix of each picture is computed once.
    /// </summary>
    public Tensor LogProbabilities(TrainingBatch batch)
    {
        using var scope = NewDisposeScope();
        using var products = Products.Hold(model);
        using var prefix = new SharedPrefixPass(model, EmbedPrefix(batch), batch.Prefix.Positions);
        var rows = batch.Rows;
        int[] order = [.. Enumerable.Range(0, rows.Count).OrderBy(r => rows[r].Ids.Count)];
        var parts = order.Chunk(Math.Max(LeastRows, (rows.Count + Chunks - 1) / Chunks))
            .Select(chunk => Chunk(prefix, batch.Prefix, [.. chunk.Select(r => rows[r])])).ToArray();
        return cat(parts, 0).index_select(0, tensor(OriginalOrder(rows, order))).MoveToOuterDisposeScope();
    }

    private Tensor EmbedPrefix(TrainingBatch batch)
    {
        var ids = model.EmbedIds(batch.Prefix.Ids).expand(batch.Features.shape[0], -1, -1); // [P, Tp, D]
        return cat([ids.narrow(1, 0, batch.Prefix.FirstVisual), batch.Features], 1);
    }

    private Tensor Chunk(SharedPrefixPass prefix, PicturePrefix format, TrainingRow[] rows)
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
            }

            foreach (var t in row.Trained.SelectMany(range => Enumerable.Range(range.Start.Value, range.End.Value - range.Start.Value)))
            {
                positions.Add((r * length) + t - 1);
                targets.Add(row.Ids[t]);
            }
        }

        using var scope = NewDisposeScope();
        var embedded = WithPictures(model.EmbedIds(tensor(ids).view(rows.Length, length)), rows);
        var pictures = tensor(rows.Select(r => (long)r.Picture).ToArray());
        var hidden = prefix.Run(embedded, Positions(format, rows, length), pictures);
        var answers = hidden.view(-1, hidden.shape[^1]).index_select(0, tensor(positions.ToArray()));
        var logits = model.Unembed(answers).to_type(ScalarType.Float32); // [n, V]
        return logits.log_softmax(-1).gather(-1, tensor(targets.ToArray()).unsqueeze(-1)).squeeze(-1)
            .MoveToOuterDisposeScope();
    }

    // Puts the features of the rows' own pictures into embeddings [R, T, D].
    private static Tensor WithPictures(Tensor embedded, TrainingRow[] rows)
    {
        var length = embedded.shape[1];
        var pictures = rows.Index().SelectMany(row => row.Item.Pictures.Select(picture => (Start: (row.Index * length) + picture.Start, picture.Features))).ToList();
        if (pictures.Count == 0)
        {
            return embedded;
        }

        var index = tensor(pictures.SelectMany(p => Enumerable.Range(0, (int)p.Features.shape[0]).Select(i => p.Start + i)).ToArray());
        return embedded.view(-1, embedded.shape[^1]).index_copy(0, index, cat([.. pictures.Select(p => p.Features)], 0)).view(embedded.shape);
    }

    // [3, 1, T] where all rows are text, else [3, R, T]; padding keeps those of text.
    private static Tensor Positions(PicturePrefix format, TrainingRow[] rows, int length)
    {
        var text = format.TextPositions(length);
        if (Array.TrueForAll(rows, row => row.Positions is null))
        {
            return text;
        }

        var all = text.expand(-1, rows.Length, -1).contiguous();
        foreach (var (r, row) in rows.Index().Where(row => row.Item.Positions is not null))
        {
            for (var axis = 0; axis < 3; axis++)
            {
                var own = row.Positions![axis].AsSpan(0, Math.Min(length, row.Ids.Count)).ToArray();
                all[axis, r].narrow(0, 0, own.Length).copy_(tensor(own));
            }
        }

        return all;
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
