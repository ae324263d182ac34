using ActivationReplay.Lens;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Replay;

/// <summary>
/// The divergence at each position between the target's top words and the student's distribution over the same ids, both
/// renormalised (nats). Top-K reads K rows of W_U a position, never [n, V] logits, or each row once for all positions where
/// these share most of them.
/// </summary>
internal sealed class KlLoss
{
    // A product of matrices does about this many times the work of n products of a matrix and a vector in the same time.
    private const long SharedWords = 8;

    private readonly QwenVlModel student;
    private readonly Tensor head; // [n, K, D], the rows of W_U at the target's ids; or [U, D], those of all positions
    private readonly Tensor? ids; // [n, K] into head, where that is shared
    private readonly Tensor probabilities; // [n, K]
    private readonly Tensor logProbabilities; // [n, K]
    private readonly KlDirection direction;

    /// <param name="student">Whose states are read.</param>
    /// <param name="target">Ids and probabilities [n, K].</param>
    /// <param name="direction">Order of the divergence.</param>
    public KlLoss(QwenVlModel student, TopWords target, KlDirection direction)
    {
        this.student = student;
        this.direction = direction;
        probabilities = target.Probabilities;
        logProbabilities = target.Probabilities.log();
        var (count, words) = (target.Ids.shape[0], target.Ids.shape[1]);
        if (words == student.Config.Text.VocabularySize)
        {
            (head, ids) = (student.HeadWeight, target.Ids);
            return;
        }

        var (unique, places, _) = target.Ids.flatten().unique(sorted: true, return_inverse: true);
        var shared = unique.shape[0] <= SharedWords * words;
        head = student.HeadWeight.index_select(0, shared ? unique : target.Ids.flatten());
        ids = shared ? places!.view(count, words) : null;
        head = shared ? head : head.view(count, words, head.shape[1]);
    }

    /// <summary>The divergences [n] of student states [n, D].</summary>
    public Tensor Values(Tensor states)
    {
        var normalised = student.Normalise(states);
        var logits = ids is null
            ? matmul(head, normalised.unsqueeze(-1)).squeeze(-1)
            : nn.functional.linear(normalised, head).gather(1, ids);
        var log = nn.functional.log_softmax(logits.to_type(ScalarType.Float32), -1);
        var divergence = direction == KlDirection.Forward
            ? probabilities.mul(logProbabilities - log)
            : log.exp().mul(log - logProbabilities);
        return divergence.sum(-1);
    }
}
