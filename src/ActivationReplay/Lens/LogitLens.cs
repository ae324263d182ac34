using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Lens;

/// <summary>The K most likely tokens of each of n rows.</summary>
/// <param name="Ids">Token ids, most likely first, [n, K] int64.</param>
/// <param name="Probabilities">Their probabilities, renormalised over the K ids, [n, K] fp32.</param>
public readonly record struct TopTokens(Tensor Ids, Tensor Probabilities);

/// <summary>
/// The logit lens (nostalgebraist 2020): a hidden state h of any layer through the final norm and the head,
/// z = W_U · RMSNorm(h), p = softmax(z). Results are fp32, in nats. Entropies, top tokens and divergences are computed in chunks
/// of rows, so that memory does not grow with positions × vocabulary.
/// </summary>
public sealed class LogitLens
{
    private readonly Func<Tensor, Tensor> unembed;

    /// <summary>The lens of a model.</summary>
    public LogitLens(QwenVlModel model)
        : this(model.Unembed, model.Config.Text.VocabularySize, model.VocabularyRows)
    {
    }

    /// <summary>The lens of a model of which only norm and head are in memory.</summary>
    public LogitLens(OutputHead head)
        : this(head.Unembed, head.VocabularySize, rows: null)
    {
    }

    private LogitLens(Func<Tensor, Tensor> unembed, int vocabulary, long? rows) =>
        (this.unembed, ChunkRows) = (unembed, rows ?? RowChunks.RowsFor(vocabulary));

    /// <summary>Rows that are read at a time where no model asks for fewer: 64 MB of fp32 logits.</summary>
    public static long DefaultRows(int vocabulary) => RowChunks.RowsFor(vocabulary);

    /// <summary>Rows that are read at a time.</summary>
    public long ChunkRows { get; }

    /// <summary>z [n, V] fp32 of states [n, D].</summary>
    public Tensor Logits(Tensor states)
    {
        var logits = unembed(states);
        return logits.dtype == ScalarType.Float32 ? logits : logits.to_type(ScalarType.Float32);
    }

    /// <summary>log p, [n, V] fp32, of states [n, D]. Not chunked.</summary>
    public Tensor LogProbabilities(Tensor states) => nn.functional.log_softmax(Logits(states), -1);

    /// <summary>The entropies −Σ p log p, [n] fp32, of states [n, D].</summary>
    public Tensor Entropy(Tensor states) =>
        RowChunks.Map(states.shape[0], ChunkRows, (start, count) =>
        {
            var logProbabilities = LogProbabilities(states.narrow(0, start, count));
            return [Divergence.Entropy(logProbabilities)];
        })[0];

    /// <summary>The <paramref name="k"/> most likely tokens of states [n, D], 1 to V.</summary>
    public TopTokens TopK(Tensor states, int k)
    {
        var results = RowChunks.Map(states.shape[0], ChunkRows, (start, count) =>
        {
            var (values, ids) = Logits(states.narrow(0, start, count)).topk(k);
            return [ids, values.softmax(-1)];
        });
        return new TopTokens(results[0], results[1]);
    }

    /// <summary>
    /// KL(p ‖ q), [n] fp32: p is this lens of <paramref name="states"/>, q is <paramref name="other"/> of
    /// <paramref name="otherStates"/>, both [n, D].
    /// </summary>
    public Tensor KlDivergence(Tensor states, LogitLens other, Tensor otherStates) =>
        RowChunks.Map(states.shape[0], ChunkRows, (start, count) =>
        {
            var p = LogProbabilities(states.narrow(0, start, count));
            var q = other.LogProbabilities(otherStates.narrow(0, start, count)).to(p.device);
            return [Divergence.Kl(p.exp(), p, q)];
        })[0];
}
