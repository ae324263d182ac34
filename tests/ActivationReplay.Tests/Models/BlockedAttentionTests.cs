using ActivationReplay.Models;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Models;

public sealed class BlockedAttentionTests
{
    // One block and several, whole and cut, with and without keys before the queries.
    [TestCase(1, 5, 0)]
    [TestCase(2, 64, 3)]
    [TestCase(1, 150, 0)]
    [TestCase(3, 130, 17)]
    public void Causal_WithItsGradients_EqualsTheMaskedProduct(int batch, int length, int before)
    {
        using var scope = NewDisposeScope();
        var (q, k, v) = Inputs(batch, length, length + before);

        using var attention = new BlockedAttention();
        var blocked = attention.Causal(q, k, v);
        var expected = Reference(q, k, v, Visible(arange(length), before, length + before));

        ShouldAgree(blocked, expected, q, k, v);
    }

    private static (Tensor Q, Tensor K, Tensor V) Inputs(int batch, int length, int keys)
    {
        manual_seed(3);
        return (
            randn([batch, length, 6, 8], requires_grad: true),
            randn([batch, 2, keys, 8], requires_grad: true),
            randn([batch, 2, keys, 8], requires_grad: true));
    }

    private static Tensor Visible(Tensor positions, int before, int keys) =>
        zeros([positions.shape[0], keys]).masked_fill(
            arange(keys).unsqueeze(0).gt(positions.unsqueeze(1) + before), double.NegativeInfinity);

    private static Tensor Reference(Tensor q, Tensor k, Tensor v, Tensor mask)
    {
        var scores = matmul(q.transpose(1, 2), k.repeat_interleave(3, 1).transpose(2, 3)) / Math.Sqrt(8) + mask;
        return matmul(scores.softmax(-1), v.repeat_interleave(3, 1)).transpose(1, 2).flatten(2);
    }

    // Sums of up to 150 products of fp32 in another order.
    private static void ShouldAgree(Tensor blocked, Tensor expected, params Tensor[] inputs)
    {
        blocked.shape.Should().Equal(expected.shape);
        var weights = randn(expected.shape);
        var computed = autograd.grad([blocked], inputs, [weights]);
        var right = autograd.grad([expected], inputs, [weights]);
        foreach (var (a, b) in computed.Prepend(blocked).Zip(right.Prepend(expected)))
        {
            (a - b).abs().max().item<float>().Should().BeLessThan(2e-5f);
        }
    }
}
