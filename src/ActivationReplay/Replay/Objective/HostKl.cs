using System.Numerics.Tensors;
using ActivationReplay.Kernels;
using ActivationReplay.Models;
using ActivationReplay.Native;
using Tensor = TorchSharp.torch.Tensor;

namespace ActivationReplay.Replay.Objective;

/// <summary>
/// <see cref="KlLoss"/> at positions that have rows of the head of their own, on the processor in fp32: a position's rows come
/// from memory once, for its logits, and are still near for its gradient. They are never gathered.
/// </summary>
internal sealed unsafe class HostKl
{
    private readonly RmsNorm norm;
    private readonly KlDirection direction;
    private readonly HostRows head;
    private readonly HostRows scale;
    private readonly HostRows p;
    private readonly HostRows logP;
    private readonly Tensor ids;
    private readonly int words;

    /// <param name="student">Whose states are read.</param>
    /// <param name="ids">[n, K]. As the others, not owned.</param>
    /// <param name="probabilities">[n, K].</param>
    /// <param name="logProbabilities">[n, K].</param>
    /// <param name="direction">Order of the divergence.</param>
    public HostKl(QwenVlModel student, Tensor ids, Tensor probabilities, Tensor logProbabilities, KlDirection direction)
    {
        norm = student.FinalNorm;
        (head, scale) = (new HostRows(student.HeadWeight), new HostRows(norm.Weight));
        (p, logP) = (new HostRows(probabilities), new HostRows(logProbabilities));
        (this.ids, words, this.direction) = (ids, (int)ids.shape[1], direction);
    }

    /// <summary>See <see cref="KlLoss.Evaluate"/>.</summary>
    /// <param name="states">[n, D].</param>
    /// <param name="weights">[n].</param>
    /// <param name="values">Takes the divergences, [n].</param>
    /// <param name="gradient">Zeros, which take the gradient at the states, [n, D].</param>
    public void Evaluate(Tensor states, Tensor weights, Tensor values, Tensor gradient)
    {
        var (x, weight, result, atX) = (new HostRows(states), new HostRows(weights), new HostRows(values), new HostRows(gradient));
        var words = ids.Longs();
        ComputeThreads.Split((int)states.shape[0], (first, end) =>
        {
            var buffers = new Buffers((int)states.shape[1], this.words);
            for (var row = first; row < end; row++)
            {
                var id = new ReadOnlySpan<long>(words + ((long)row * this.words), this.words);
                result[0][row] = Position(row, id, x[row], weight[0][row], atX[row], buffers);
            }
        });
    }

    // The divergence at one position, and its gradient.
    private float Position(
        int row, ReadOnlySpan<long> id, ReadOnlySpan<float> x, float weight, Span<float> gradient, Buffers buffers)
    {
        var inverse = norm.Inverse(TensorPrimitives.SumOfSquares(x));
        TensorPrimitives.Multiply(x, inverse, buffers.Normalised);
        TensorPrimitives.Multiply(buffers.Normalised, scale[0], buffers.Normalised);
        for (var k = 0; k < words; k++)
        {
            buffers.Logits[k] = TensorPrimitives.Dot<float>(buffers.Normalised, head[id[k]]);
        }

        var value = Divergence(p[row], logP[row], buffers.Logits, buffers.Shares, buffers.AtLogits);
        for (var k = 0; k < words; k++)
        {
            TensorPrimitives.MultiplyAdd(head[id[k]], buffers.AtLogits[k] * weight, gradient, gradient);
        }

        // Through the norm, as NormPass.AddBackward.
        TensorPrimitives.Multiply(gradient, scale[0], gradient);
        var share = TensorPrimitives.Dot(gradient, x) * inverse * inverse * inverse / x.Length;
        TensorPrimitives.Multiply(gradient, inverse, gradient);
        TensorPrimitives.MultiplyAdd(x, -share, gradient, gradient);
        return value;
    }

    // As KlLoss.Divergence. Changes the logits to log q.
    private float Divergence(
        ReadOnlySpan<float> p, ReadOnlySpan<float> logP, Span<float> logits, Span<float> q, Span<float> gradient)
    {
        TensorPrimitives.Subtract(logits, TensorPrimitives.Max<float>(logits), logits);
        TensorPrimitives.Exp<float>(logits, q);
        TensorPrimitives.Subtract(logits, MathF.Log(TensorPrimitives.Sum<float>(q)), logits);
        TensorPrimitives.Exp<float>(logits, q);
        TensorPrimitives.Subtract(logP, logits, gradient);
        if (direction == KlDirection.Forward)
        {
            var forward = TensorPrimitives.Dot(p, gradient);
            TensorPrimitives.Subtract(q, p, gradient);
            return forward;
        }

        var reverse = -TensorPrimitives.Dot<float>(q, gradient);
        TensorPrimitives.Add(gradient, reverse, gradient);
        TensorPrimitives.Multiply(gradient, q, gradient);
        TensorPrimitives.Negate<float>(gradient, gradient);
        return reverse;
    }

    private sealed class Buffers(int width, int words)
    {
        public readonly float[] Normalised = new float[width];
        public readonly float[] Logits = new float[words];
        public readonly float[] Shares = new float[words];
        public readonly float[] AtLogits = new float[words];
    }
}
