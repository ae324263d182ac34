using ActivationReplay.Adjoint;
using ActivationReplay.Models;
using ActivationReplay.Replay.Objective;
using ActivationReplay.Tests.Models;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Adjoint;

public sealed class ColumnLayerTests
{
    private const int Width = 32;
    private static readonly int[] Some = [0, 3, 4, 30, 65, 69];

    // One block of queries and several, one variant and two, with and without keys before.
    [TestCase(1, 5, 0, false)]
    [TestCase(1, 70, 4, false)]
    [TestCase(2, 70, 4, false)]
    [TestCase(1, 70, 0, true)]
    [TestCase(2, 70, 4, true)]
    public void Backward_IsTheGradientOfTheLayer(int variants, int length, int before, bool some)
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model(3);
        manual_seed(variants + length);
        var indices = some ? Some : null;
        var table = model.RotaryAt(arange(before + length, ScalarType.Int64).view(1, 1, -1).expand(3, -1, -1));
        var early = randn([1, before, Width]);
        var states = randn([variants, length, Width], requires_grad: true);
        var whole = cat([early.expand(variants, -1, -1), states], 1);
        var expected = model.RunLayer(1, whole, table, CausalContext.Instance).narrow(1, before, length);
        expected = indices is null ? expected : expected.index_select(1, tensor(indices.Select(p => (long)p).ToArray()));
        var weights = randn(expected.shape);
        var gradient = autograd.grad([expected], [states], [weights])[0];

        using var quiet = no_grad();
        using var prefix = new PrefixContext();
        if (before > 0)
        {
            model.CacheKeysAndValues(1, early, table.Slice(0, before), prefix);
        }

        using var layout = LoopLayout.Of(model.Backend, [new LoopPrompt(table.Slice(before, before + length), before, variants, indices)]);
        var pass = layout.Run(model.DecoderLayers[1], Columns(states), [prefix.Of(1)], isLast: some);
        var output = pass.Output.clone();
        var pulled = pass.Backward(Columns(weights).to(ScalarType.Float32, copy: true));

        ShouldAgree(output, Columns(expected));
        ShouldAgree(pulled, Columns(gradient));
    }

    // [C, T, D] → [D, C·T]
    private static Tensor Columns(Tensor states) => states.detach().permute(2, 0, 1).reshape(states.shape[2], -1).contiguous();

    // Sums of up to 74 products of fp32 in another order.
    private static void ShouldAgree(Tensor computed, Tensor expected)
    {
        computed.shape.Should().Equal(expected.shape);
        (computed - expected).abs().max().to(ScalarType.Float64).item<double>().Should().BeLessThan(2e-5 * Math.Max(1, expected.abs().max().to(ScalarType.Float64).item<double>()));
    }
}
