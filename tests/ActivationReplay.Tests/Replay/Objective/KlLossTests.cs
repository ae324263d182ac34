using ActivationReplay.Lens;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Objective;
using ActivationReplay.Tests.Models;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Replay.Objective;

public sealed class KlLossTests
{
    // K rows for each position, rows shared by all positions, and the whole vocabulary of 96; and a type that libtorch computes.
    [Test]
    public void Gradient_IsThatOfTheDivergences(
        [Values(2, 20, 96)] int words, [Values] KlDirection direction, [Values(ScalarType.Float32, ScalarType.Float64)] ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var student = Tiny.Model(1, type: type);
        manual_seed(words);
        const int Count = 30;
        var ids = stack([.. Enumerable.Range(0, Count).Select(_ => randperm(96, ScalarType.Int64).narrow(0, 0, words))]);
        var target = new TopWords(ids, randn(Count, words).softmax(-1));
        var weights = rand(Count);
        var states = randn([Count, 32], type, requires_grad: true);
        var log = student.Unembed(states).gather(1, ids).log_softmax(-1);
        var expected = direction == KlDirection.Forward
            ? target.Probabilities.mul(target.Probabilities.log() - log).sum(-1)
            : log.exp().mul(log - target.Probabilities.log()).sum(-1);
        var gradient = autograd.grad([expected.mul(weights).sum()], [states])[0];

        using var quiet = no_grad();
        var (values, computed) = new KlLoss(student, target, direction).Evaluate(states.detach(), weights);

        // fp32, sums of up to 96 terms.
        (values - expected).abs().max().to(ScalarType.Float64).item<double>().Should().BeLessThan(1e-5);
        (computed - gradient).abs().max().to(ScalarType.Float64).item<double>().Should().BeLessThan(1e-5);
    }

    [Test]
    public void Values_OfAProbabilityThatIsZeroInFp32_AreFinite()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var student = Tiny.Model(1);
        var target = new TopWords(tensor(new long[] { 4, 7 }).view(1, 2), tensor([1f, 0f]).view(1, 2));

        var (values, gradient) = new KlLoss(student, target, KlDirection.Forward).Evaluate(randn(1, 32), ones(1));

        float.IsFinite(values.item<float>()).Should().BeTrue();
        gradient.isfinite().all().item<bool>().Should().BeTrue();
    }
}
