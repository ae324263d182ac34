using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Lens;

/// <summary>Ids and probabilities of the most likely words of each row.</summary>
/// <param name="Ids">[n, K] int64.</param>
/// <param name="Probabilities">[n, K] fp32, renormalised over the K ids.</param>
public readonly record struct TopWords(Tensor Ids, Tensor Probabilities);

/// <summary>
/// The logit lens (nostalgebraist 2020): a hidden state read through the final norm and the head,
/// z = W_U · RMSNorm(h), p = softmax(z). All values are fp32, in nats; rows go in chunks, so that memory does not
/// grow with positions × vocabulary.
/// </summary>
public sealed class LogitLens(QwenVlModel model)
{
    // Rows × vocabulary of fp32 logits at a time: 64 MB, a few of which are alive at once.
    private const long ChunkElements = 1 << 24;

    /// <summary>Rows that are read at a time.</summary>
    public long ChunkRows { get; } = Math.Max(1, ChunkElements / model.Config.Text.VocabularySize);

    /// <summary>z [n, V] fp32 of states [n, D].</summary>
    public Tensor Logits(Tensor states) => model.Unembed(states).to_type(ScalarType.Float32);

    /// <summary>log p [n, V] fp32 of states [n, D].</summary>
    public Tensor LogProbabilities(Tensor states) => nn.functional.log_softmax(Logits(states), -1);

    /// <summary>H = -Σ p log p [n] fp32, in nats, of states [n, D].</summary>
    public Tensor Entropy(Tensor states) =>
        InChunks(rows =>
        {
            var logProbabilities = LogProbabilities(rows[0]);
            return logProbabilities.exp().mul_(logProbabilities).sum(-1).neg_();
        }, states);

    /// <summary>The <paramref name="k"/> most likely words of states [n, D].</summary>
    public TopWords TopK(Tensor states, int k)
    {
        using var scope = NewDisposeScope();
        var ids = new List<Tensor>();
        var logits = InChunks(rows =>
        {
            var (values, indices) = Logits(rows[0]).topk(k);
            ids.Add(indices.MoveToOuterDisposeScope().MoveToOuterDisposeScope());
            return values;
        }, states);
        return new TopWords(cat(ids, 0).MoveToOuterDisposeScope(), logits.softmax(-1).MoveToOuterDisposeScope());
    }

    /// <summary>KL(p ‖ q) [n] in nats, p this lens of <paramref name="states"/>, q another's of its states, both [n, D].</summary>
    public Tensor KlDivergence(Tensor states, LogitLens other, Tensor otherStates) =>
        InChunks(rows =>
        {
            var p = LogProbabilities(rows[0]);
            var q = other.LogProbabilities(rows[1]);
            return p.exp().mul_(p - q).sum(-1);
        }, states, otherStates);

    private Tensor InChunks(Func<Tensor[], Tensor> perRow, params Tensor[] states)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var results = new List<Tensor>();
        for (var start = 0L; start < states[0].shape[0]; start += ChunkRows)
        {
            using var chunk = NewDisposeScope();
            var count = Math.Min(ChunkRows, states[0].shape[0] - start);
            results.Add(perRow([.. states.Select(s => s.narrow(0, start, count))]).MoveToOuterDisposeScope());
        }

        return (results.Count == 1 ? results[0] : cat(results, 0)).MoveToOuterDisposeScope();
    }
}
