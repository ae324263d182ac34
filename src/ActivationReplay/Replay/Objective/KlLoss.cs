using ActivationReplay.Kernels;
using ActivationReplay.Lens;
using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Objective;

/// <summary>
/// The divergence at each position between the target's top tokens and the student's distribution over the same ids, both
/// renormalised (nats), and its gradient. Top-K reads K rows of W_U a position, never [n, V] logits, or each row once for all
/// positions where these share most of them.
/// </summary>
internal sealed class KlLoss
{
    // A product of matrices does about this many times the work of n products of a matrix and a vector in the same time.
    private const long SharedIdsFactor = 8;

    // Elements of gathered rows or of logits at a time: 8 MB in fp32, which processors' caches hold from the product that
    // gives the logits to the one that gives the gradient.
    private const long ChunkElements = 1 << 21;

    private readonly QwenVlModel student;
    private readonly Tensor? shared; // [U, D], rows of W_U for all positions; null where each position has its own
    private readonly Tensor ids; // [n, K] into shared, or into W_U
    private readonly Tensor probabilities; // [n, K]
    private readonly Tensor logProbabilities; // [n, K]
    private readonly KlDirection direction;
    private readonly HostKl? host; // computes it where it can

    /// <param name="student">Whose states are read.</param>
    /// <param name="target">Ids and probabilities [n, K].</param>
    /// <param name="direction">Order of the divergence.</param>
    public KlLoss(QwenVlModel student, TopTokens target, KlDirection direction)
    {
        this.student = student;
        this.direction = direction;
        probabilities = target.Probabilities;
        // 0 log 0 is 0: a probability that fp32 rounds to 0 must not make NaN.
        logProbabilities = target.Probabilities.clamp_min(Scalars.Of(1e-38f)).log();
        var tokens = target.Ids.shape[1];
        if (tokens == student.Config.Text.VocabularySize)
        {
            (shared, ids) = (student.HeadWeight, target.Ids);
            return;
        }

        var (unique, places, _) = target.Ids.flatten().unique(sorted: true, return_inverse: true);
        (shared, ids) = unique.shape[0] <= SharedIdsFactor * tokens
            ? (student.HeadWeight.index_select(0, unique), places!.view(target.Ids.shape))
            : (null, target.Ids);
        if (shared is null && student.Backend.HasKernels)
        {
            var norm = (student.FinalNorm.Weight, student.FinalNorm.Epsilon);
            host = new HostKl(
                student.HeadWeight, norm, ids, probabilities, logProbabilities, reverse: direction == KlDirection.Reverse);
        }
    }

    /// <summary>The divergences [n] of student states [n, D], and what each adds to the gradient at its state, [n, D] fp32.</summary>
    /// <param name="states">[n, D].</param>
    /// <param name="weights">What each position counts, [n]; the gradient is of the weighted sum.</param>
    public (Tensor Values, Tensor Gradient) Evaluate(Tensor states, Tensor weights)
    {
        using var scope = NewDisposeScope();
        var (count, tokens) = (states.shape[0], ids.shape[1]);
        var values = empty([count], ScalarType.Float32, states.device);
        var gradient = zeros(states.shape, ScalarType.Float32, states.device);
        if (host is not null)
        {
            host.Evaluate(states, weights, values, gradient);
            return (values.MoveToOuterDisposeScope(), gradient.MoveToOuterDisposeScope());
        }

        var chunk = Math.Max(1, ChunkElements / (shared is null ? tokens * states.shape[1] : shared.shape[0]));
        for (var start = 0L; start < count; start += chunk)
        {
            using var part = NewDisposeScope();
            var rows = Math.Min(chunk, count - start);
            var x = states.narrow(0, start, rows);
            var (normalised, inverse) = student.FinalNorm.Along(x, axis: 1);
            var (divergence, atNormalised) = Part(start, rows, normalised, weights.narrow(0, start, rows));
            values.narrow(0, start, rows).copy_(divergence);
            student.FinalNorm.AddBackward(x, inverse, atNormalised, gradient.narrow(0, start, rows), axis: 1);
        }

        return (values.MoveToOuterDisposeScope(), gradient.MoveToOuterDisposeScope());
    }

    private (Tensor Divergence, Tensor Gradient) Part(long start, long rows, Tensor normalised, Tensor weights)
    {
        var tokens = ids.narrow(0, start, rows);
        if (shared is null)
        {
            var head = student.HeadWeight.index_select(0, tokens.flatten()).view(rows, tokens.shape[1], -1); // [n, K, D]
            // Rows times matrices: libraries are several times slower for matrices times columns.
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

    // With log q the student's log-probabilities: KL(p ‖ q) has the gradient q − p at the logits, KL(q ‖ p) has
    // q ⊙ (log q − log p − KL). HostKl computes the same a position at a time.
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
