using ActivationReplay.Lens;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Objective;
using NUnit.Framework;
using static ActivationReplay.Tests.Conformance.Exact;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Conformance;

/// <summary>Everything that reads the head, against the softmax of all its rows in fp64.</summary>
public sealed class HeadConformanceTests
{
    // Targets with words of their own at each position, and the same for all: rows of the head are gathered, or shared.
    [Test]
    public void KlLoss_WithItsGradient_EqualsTheFormula(
        [Values(ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float64)] ScalarType type,
        [Values(1, 50, Vocabulary)] int words, [Values] KlDirection direction, [Values] bool sameWords, [Values(1, 64, 65)] int rows)
    {
        using var scope = NewDisposeScope();
        var (computedModel, exactModel) = Pair(4, type);
        using var one = computedModel;
        using var other = exactModel;
        manual_seed(rows + words);
        var same = randperm(Vocabulary, ScalarType.Int64).narrow(0, 0, words);
        var ids = stack([.. Enumerable.Range(0, rows).Select(_ => sameWords ? same : randperm(Vocabulary, ScalarType.Int64).narrow(0, 0, words))]);
        var target = new TopTokens(ids, randn(rows, words).softmax(-1));
        var weights = rand(rows);
        var (states, exactStates) = Random(type, rows, Width);
        var logQ = exactModel.Unembed(exactStates).gather(1, ids).log_softmax(-1);
        var p = target.Probabilities.to_type(ScalarType.Float64);
        var expected = direction == KlDirection.Forward ? (p * (p.log() - logQ)).sum(-1) : (logQ.exp() * (logQ - p.log())).sum(-1);
        var gradient = autograd.grad([(expected * weights).sum()], [exactStates])[0];
        using var quiet = no_grad();

        var (values, atStates) = new KlLoss(computedModel, target, direction).Evaluate(states, weights);

        ShouldAgree(values, expected, ToleranceAfterLogits(type), "divergences");
        ShouldAgree(atStates, gradient, ToleranceAfterLogits(type), "gradient");
    }

    [Test]
    public void Lens_EqualsTheFormula(
        [Values(ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float64)] ScalarType type, [Values(1, 64, 65)] int rows)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (computedModel, exactModel) = Pair(4, type);
        using var one = computedModel;
        using var other = exactModel;
        manual_seed(rows);
        var (states, exactStates) = Random(type, rows, Width);
        var (others, exactOthers) = Random(type, rows, Width);
        var lens = new LogitLens(computedModel);
        var (logits, logP) = (exactModel.Unembed(exactStates), exactModel.Unembed(exactStates).log_softmax(-1));
        var logQ = exactModel.Unembed(exactOthers).log_softmax(-1);

        ShouldAgree(lens.Logits(states), logits, type, "logits");
        ShouldAgree(lens.Entropy(states), (logP.exp() * logP).sum(-1).neg(), type, "entropy");
        ShouldAgree(lens.KlDivergence(states, lens, others), (logP.exp() * (logP - logQ)).sum(-1), type, "KL of the whole vocabulary");
        foreach (var k in new[] { 1, 50, Vocabulary })
        {
            var top = lens.TopK(states, k);
            ShouldAgree(top.Probabilities, logits.gather(1, top.Ids).softmax(-1), type, $"probabilities of {k} words");
            // Where two logits are as close as the type's rounding, either may come first: values are compared, not ids.
            ShouldAgree(logits.gather(1, top.Ids), logits.topk(k).values, type, $"the {k} largest logits");
        }
    }
}
