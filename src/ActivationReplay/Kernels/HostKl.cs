using System.Numerics.Tensors;
using ActivationReplay.Native;
using Tensor = TorchSharp.torch.Tensor;

namespace ActivationReplay.Kernels;

/// <summary>
/// The KL divergence at each position between K target probabilities p and the student's q = softmax(W_K · RMSNorm(h)), W_K the
/// K rows of the head at the target's ids, and its gradient with respect to h; on the CPU in fp32. The rows are read in place:
/// once for the logits, and again from the cache for the gradient.
/// </summary>
internal sealed unsafe class HostKl
{
    private readonly HostRows head;
    private readonly HostRows weight;
    private readonly double epsilon;
    private readonly HostRows p;
    private readonly HostRows logP;
    private readonly Tensor ids;
    private readonly int tokens;
    private readonly bool reverse;

    /// <summary>Keeps the operands. All tensors are contiguous and not owned; ids are int64, the others fp32.</summary>
    /// <param name="head">W_U, [V, D].</param>
    /// <param name="norm">Weight w [D] and ε of the final norm.</param>
    /// <param name="ids">The target's token ids at each of n positions, [n, K].</param>
    /// <param name="probabilities">p, [n, K].</param>
    /// <param name="logProbabilities">log p, [n, K].</param>
    /// <param name="reverse">KL(q ‖ p) instead of KL(p ‖ q).</param>
    public HostKl(
        Tensor head, (Tensor Weight, double Epsilon) norm, Tensor ids, Tensor probabilities, Tensor logProbabilities, bool reverse)
    {
        (this.head, weight, epsilon) = (new HostRows(head), new HostRows(norm.Weight), norm.Epsilon);
        (p, logP) = (new HostRows(probabilities), new HostRows(logProbabilities));
        (this.ids, tokens, this.reverse) = (ids, (int)ids.shape[1], reverse);
    }

    /// <summary>Computes the divergences, in nats, and their gradient at all n positions.</summary>
    /// <param name="states">The student's hidden states h, [n, D].</param>
    /// <param name="counts">The weight of each position's divergence in the gradient, [n].</param>
    /// <param name="values">Receives the unweighted divergences, [n].</param>
    /// <param name="gradient">Zeros on entry; receives the gradient with respect to the states, [n, D].</param>
    public void Evaluate(Tensor states, Tensor counts, Tensor values, Tensor gradient)
    {
        var (x, count, result, atX) = (new HostRows(states), new HostRows(counts), new HostRows(values), new HostRows(gradient));
        var all = ids.Longs();
        ComputeThreads.Split((int)states.shape[0], (first, end) =>
        {
            var buffers = new Buffers((int)states.shape[1], tokens);
            for (var row = first; row < end; row++)
            {
                var id = new ReadOnlySpan<long>(all + ((long)row * tokens), tokens);
                result[0][row] = Position(row, id, x[row], count[0][row], atX[row], buffers);
            }
        });
    }

    // The divergence at one position; adds its weighted gradient.
    private float Position(
        int row, ReadOnlySpan<long> id, ReadOnlySpan<float> x, float count, Span<float> gradient, Buffers buffers)
    {
        var inverse = HostNorm.Forward(x, weight[0], epsilon, buffers.Normalised);
        for (var k = 0; k < tokens; k++)
        {
            buffers.Logits[k] = TensorPrimitives.Dot<float>(buffers.Normalised, head[id[k]]);
        }

        var value = Divergence(p[row], logP[row], buffers.Logits, buffers.Probabilities, buffers.AtLogits);
        for (var k = 0; k < tokens; k++)
        {
            TensorPrimitives.MultiplyAdd(head[id[k]], buffers.AtLogits[k] * count, gradient, gradient);
        }

        HostNorm.Backward(x, weight[0], inverse, gradient);
        return value;
    }

    // The gradient with respect to the logits is q − p for KL(p ‖ q), and q ⊙ (log q − log p − KL) for KL(q ‖ p).
    // Overwrites the logits with log q.
    private float Divergence(
        ReadOnlySpan<float> p, ReadOnlySpan<float> logP, Span<float> logits, Span<float> q, Span<float> gradient)
    {
        TensorPrimitives.Subtract(logits, TensorPrimitives.Max<float>(logits), logits);
        TensorPrimitives.Exp<float>(logits, q);
        TensorPrimitives.Subtract(logits, MathF.Log(TensorPrimitives.Sum<float>(q)), logits);
        TensorPrimitives.Exp<float>(logits, q);
        TensorPrimitives.Subtract(logP, logits, gradient);
        if (!reverse)
        {
            var forward = TensorPrimitives.Dot(p, gradient);
            TensorPrimitives.Subtract(q, p, gradient);
            return forward;
        }

        var value = -TensorPrimitives.Dot<float>(q, gradient);
        TensorPrimitives.Add(gradient, value, gradient);
        TensorPrimitives.Multiply(gradient, q, gradient);
        TensorPrimitives.Negate<float>(gradient, gradient);
        return value;
    }

    private sealed class Buffers(int width, int tokens)
    {
        public readonly float[] Normalised = new float[width];
        public readonly float[] Logits = new float[tokens];
        public readonly float[] Probabilities = new float[tokens];
        public readonly float[] AtLogits = new float[tokens];
    }
}
