using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Lens;

/// <summary>Ids and probabilities of the most likely tokens of each row.</summary>
/// <param name="Ids">[n, K] int64.</param>
/// <param name="Probabilities">[n, K] fp32, renormalised over the K ids.</param>
public readonly record struct TopTokens(Tensor Ids, Tensor Probabilities);

/// <summary>
/// The logit lens (nostalgebraist 2020): a hidden state read through the final norm and the head,
/// z = W_U · RMSNorm(h), p = softmax(z). All values are fp32, in nats; rows go in chunks, so that memory does not
/// grow with positions × vocabulary.
/// </summary>
public sealed class LogitLens
{
    private readonly Func<Tensor, Tensor> unembed;

    /// <summary>The lens of a model.</summary>
    public LogitLens(QwenVlModel model)
        : this(model.Unembed, model.Config.Text.VocabularySize)
    {
    }

    /// <summary>The lens of a model of which norm and head are kept.</summary>
    public LogitLens(OutputHead head)
        : this(head.Unembed, head.VocabularySize)
    {
    }

    private LogitLens(Func<Tensor, Tensor> unembed, int vocabulary) =>
        (this.unembed, ChunkRows) = (unembed, RowChunks.RowsFor(vocabulary));

    /// <summary>Rows that are read at a time.</summary>
    public long ChunkRows { get; }

    /// <summary>z [n, V] fp32 of states [n, D].</summary>
    public Tensor Logits(Tensor states) => unembed(states).to_type(ScalarType.Float32);

    /// <summary>log p [n, V] fp32 of states [n, D].</summary>
    public Tensor LogProbabilities(Tensor states) => nn.functional.log_softmax(Logits(states), -1);

    /// <summary>H = -Σ p log p [n] fp32, in nats, of states [n, D].</summary>
    public Tensor Entropy(Tensor states) =>
        RowChunks.Map(states.shape[0], ChunkRows, (start, count) =>
        {
            var logProbabilities = LogProbabilities(states.narrow(0, start, count));
            return [Divergence.Entropy(logProbabilities)];
        })[0];

    /// <summary>The <paramref name="k"/> most likely tokens of states [n, D].</summary>
    public TopTokens TopK(Tensor states, int k)
    {
        var results = RowChunks.Map(states.shape[0], ChunkRows, (start, count) =>
        {
            var (values, ids) = Logits(states.narrow(0, start, count)).topk(k);
            return [ids, values.softmax(-1)];
        });
        return new TopTokens(results[0], results[1]);
    }

    /// <summary>KL(p ‖ q) [n] in nats, p this lens of <paramref name="states"/>, q another's of its states, both [n, D].</summary>
    public Tensor KlDivergence(Tensor states, LogitLens other, Tensor otherStates) =>
        RowChunks.Map(states.shape[0], ChunkRows, (start, count) =>
        {
            var p = LogProbabilities(states.narrow(0, start, count));
            var q = other.LogProbabilities(otherStates.narrow(0, start, count));
            return [Divergence.Kl(p.exp(), p, q)];
        })[0];
}
