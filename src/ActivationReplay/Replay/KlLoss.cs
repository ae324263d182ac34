using ActivationReplay.Lens;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Replay;

/// <summary>
/// mean over positions of the divergence between the target's top words and the student's distribution over the same
/// ids, both renormalised (nats). Top-K reads K rows of W_U a position, never [n, V] logits.
/// </summary>
internal sealed class KlLoss
{
    private readonly QwenVlModel student;
    private readonly Tensor? head; // [n, K, D], the rows of W_U at the target's ids
    private readonly Tensor? ids; // [n, V], whole vocabulary
    private readonly Tensor probabilities; // [n, K]
    private readonly Tensor logProbabilities; // [n, K]
    private readonly KlDirection direction;

    public KlLoss(QwenVlModel student, TopWords target, KlDirection direction)
    {
        this.student = student;
        this.direction = direction;
        probabilities = target.Probabilities;
        logProbabilities = target.Probabilities.log();
        if (target.Ids.shape[1] == student.Config.Text.VocabularySize)
        {
            ids = target.Ids;
        }
        else
        {
            head = student.HeadWeight.index_select(0, target.Ids.flatten()).view([.. target.Ids.shape, student.HeadWeight.shape[1]]);
        }
    }

    /// <summary>The loss, a scalar, of student states [n, D].</summary>
    public Tensor Value(Tensor states)
    {
        var normalised = student.Normalise(states);
        var logits = head is not null
            ? matmul(head, normalised.unsqueeze(-1)).squeeze(-1)
            : nn.functional.linear(normalised, student.HeadWeight).gather(1, ids!);
        var log = nn.functional.log_softmax(logits.to_type(ScalarType.Float32), -1);
        var divergence = direction == KlDirection.Forward
            ? probabilities.mul(logProbabilities - log)
            : log.exp().mul(log - logProbabilities);
        return divergence.sum(-1).mean();
    }
}
