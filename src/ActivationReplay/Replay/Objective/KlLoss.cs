using ActivationReplay.Adjoint;
using ActivationReplay.Kernels;
using ActivationReplay.Lens;
using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Objective;

/// <summary>
/// The KL divergence at each position, in nats, between the target's top K tokens and the student's distribution over the same
/// ids, both renormalised over them, and its gradient. With K below V, logits [n, V] are never computed: K rows of W_U are read per
/// position, or the union of all rows once if positions share most of their ids.
/// </summary>
internal sealed class KlLoss
{
    private readonly QwenVlModel student;
    private readonly Tensor? shared; // [U, D], the rows of W_U of all ids; null where rows are read per position
    private readonly Tensor ids; // [n, K], indices into shared, or into W_U
    private readonly Tensor probabilities; // [n, K]
    private readonly Tensor logProbabilities; // [n, K]
    private readonly KlDirection direction;
    private readonly HostKl? host; // the C# kernel, where the backend has it and rows are read per position

    /// <param name="student">The model whose hidden states are compared.</param>
    /// <param name="target">The target's ids and probabilities at n positions, [n, K].</param>
    /// <param name="direction">Which of the two distributions comes first in the divergence.</param>
    public KlLoss(QwenVlModel student, TopTokens target, KlDirection direction)
    {
        this.student = student;
        this.direction = direction;
        probabilities = target.Probabilities;
        // Clamped, so that a probability that fp32 rounds to 0 gives 0 log 0 = 0, not NaN.
        logProbabilities = target.Probabilities.clamp_min(Scalars.Of(1e-38f)).log();
        var tokens = target.Ids.shape[1];
        if (tokens == student.Config.Text.VocabularySize)
        {
            (shared, ids) = (student.HeadWeight, target.Ids);
            return;
        }

        var (unique, places, _) = target.Ids.flatten().unique(sorted: true, return_inverse: true);
        (shared, ids) = unique.shape[0] <= student.Backend.SharedIdsFactor * tokens
            ? (student.HeadWeight.index_select(0, unique), places!.view(target.Ids.shape))
            : (null, target.Ids);
        if (shared is null && student.Backend.HasKernels)
        {
            var norm = (student.FinalNorm.Weight, student.FinalNorm.Epsilon);
            host = new HostKl(
                student.HeadWeight, norm, ids, probabilities, logProbabilities, reverse: direction == KlDirection.Reverse);
        }
    }

    /// <summary>
    /// The divergences, [n] fp32, and the gradient of their weighted sum with respect to the states, [n, D] fp32.
    /// </summary>
    /// <param name="states">The student's hidden states at the n positions, [n, D].</param>
    /// <param name="weights">The weight of each position in the sum, [n].</param>
    public (Tensor Values, Tensor Gradient) Evaluate(Tensor states, Tensor weights)
    {
        using var part = OperationRecorder.Part("KL");
        using var scope = NewDisposeScope();
        var (count, tokens) = (states.shape[0], ids.shape[1]);
        var values = empty([count], ScalarType.Float32, states.device);
        var gradient = zeros(states.shape, ScalarType.Float32, states.device);
        if (host is not null)
        {
            host.Evaluate(states, weights, values, gradient);
            return (values.MoveToOuterDisposeScope(), gradient.MoveToOuterDisposeScope());
        }

        var chunk = Math.Max(1, student.Backend.ChunkElements / (shared is null ? tokens * states.shape[1] : shared.shape[0]));
        for (var start = 0L; start < count; start += chunk)
        {
            using var one = NewDisposeScope();
            var rows = Math.Min(chunk, count - start);
            var x = states.narrow(0, start, rows);
            var norm = new RowNormPass(student.FinalNorm, student.Backend, x);
            using var normalised = norm.Output;
            var (divergence, atNormalised) = Part(start, rows, normalised, weights.narrow(0, start, rows));
            values.narrow(0, start, rows).copy_(divergence);
            norm.AddBackward(atNormalised, gradient.narrow(0, start, rows));
        }

        return (values.MoveToOuterDisposeScope(), gradient.MoveToOuterDisposeScope());
    }

    private (Tensor Divergence, Tensor Gradient) Part(long start, long rows, Tensor normalised, Tensor weights)
    {
        var tokens = ids.narrow(0, start, rows);
        if (shared is null)
        {
            var head = student.HeadWeight.index_select(0, tokens.flatten()).view(rows, tokens.shape[1], -1); // [n, K, D]
            // Batched row times matrix, which libtorch computes several times faster than matrix times column.
            var logits = normalised.unsqueeze(1).bmm(head.transpose(1, 2)).squeeze(1);
            var (divergence, atLogits) = AtLogits(start, logits, weights);
            return (divergence, atLogits.unsqueeze(1).bmm(head).squeeze(1));
        }
        else
        {
            var logits = normalised.mm(shared.t()); // [n, U]
            var (divergence, atLogits) = AtLogits(start, logits.gather(1, tokens), weights);
            return (divergence, logits.zero_().scatter_(1, tokens, atLogits).mm(shared));
        }
    }

    // The gradient with respect to the logits is q − p for KL(p ‖ q), and q ⊙ (log q − log p − KL) for KL(q ‖ p), with q the
    // student's distribution. HostKl computes the same, one position at a time.
    private (Tensor Values, Tensor Gradient) AtLogits(long start, Tensor logits, Tensor weights)
    {
        var p = probabilities.narrow(0, start, logits.shape[0]);
        var logP = logProbabilities.narrow(0, start, logits.shape[0]);
        var log = nn.functional.log_softmax(logits.to_type(ScalarType.Float32), -1);
        var q = log.exp();
        if (direction == KlDirection.Forward)
        {
            var forward = Divergence.Kl(p, logP, log);
            return (forward, Weighted(q.sub_(p)));
        }

        var reverse = Divergence.Kl(q, log, logP);
        return (reverse, Weighted(log.sub_(logP).sub_(reverse.unsqueeze(1)).mul_(q)));

        Tensor Weighted(Tensor gradient) => gradient.mul_(weights.unsqueeze(1)).to_type(logits.dtype);
    }
}
