using ActivationReplay.Lens;
using ActivationReplay.Tests.Models;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Lens;

public sealed class LogitLensTests
{
    [Test]
    public void Entropy_IsBetweenZeroAndLogVocabulary()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model(3);
        var states = randn([64, 32], generator: new Generator(1));

        var entropy = new LogitLens(model).Entropy(states);

        entropy.min().item<float>().Should().BeGreaterThanOrEqualTo(0);
        entropy.max().item<float>().Should().BeLessThanOrEqualTo((float)Math.Log(96) + 1e-4f);
    }

    [Test]
    public void Entropy_OfEqualLogits_IsLogVocabulary()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model(3);

        // The state 0 has logits 0.
        new LogitLens(model).Entropy(zeros(1, 32)).item<float>().Should().BeApproximately((float)Math.Log(96), 1e-5f);
    }

    [Test]
    public void KlDivergence_OfEqualStates_IsZero_AndElseAboveZero()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model(3);
        var lens = new LogitLens(model);
        var (a, b) = (randn([16, 32], generator: new Generator(1)), randn([16, 32], generator: new Generator(2)));

        lens.KlDivergence(a, lens, a).abs().max().item<float>().Should().BeLessThan(1e-6f);
        lens.KlDivergence(a, lens, b).min().item<float>().Should().BeGreaterThan(0);
    }

    [Test]
    public void TopK_IsSortedAndSumsToOne()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model(3);
        var lens = new LogitLens(model);
        var states = randn([5, 32], generator: new Generator(1));

        var top = lens.TopK(states, 7);

        top.Ids.shape.Should().Equal(5, 7);
        top.Probabilities.sum(-1).sub(1).abs().max().item<float>().Should().BeLessThan(1e-6f);
        top.Ids.select(1, 0).data<long>().ToArray().Should().Equal(lens.Logits(states).argmax(-1).data<long>().ToArray());
        top.Probabilities.diff(dim: 1).max().item<float>().Should().BeLessThanOrEqualTo(0);
    }
}
