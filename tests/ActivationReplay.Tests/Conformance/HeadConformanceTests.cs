using ActivationReplay.Lens;
using ActivationReplay.Models;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Objective;
using ActivationReplay.Tests.Models;
using NUnit.Framework;
using static ActivationReplay.Tests.Conformance.Exact;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Conformance;

/// <summary>Everything that reads the head, against the softmax of all its rows in fp64.</summary>
public sealed class HeadConformanceTests
{
    // Targets with tokens of their own at each position, and the same for all: rows of the head are gathered, or shared.
    [Test]
    public void KlLoss_WithItsGradient_EqualsTheFormula(
        [Values(ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float64)] ScalarType type,
        [Values(1, 50, Vocabulary)] int tokens, [Values] KlDirection direction, [Values] bool sameTokens, [Values(1, 64, 65)] int rows, [Values] bool isGpu)
    {
        using var scope = NewDisposeScope();
        var (computedModel, exactModel) = Pair(4, type, isGpu);
        using var one = computedModel;
        using var other = exactModel;
        manual_seed(rows + tokens);
        var same = randperm(Vocabulary, ScalarType.Int64).narrow(0, 0, tokens);
        var ids = stack([.. Enumerable.Range(0, rows).Select(_ => sameTokens ? same : randperm(Vocabulary, ScalarType.Int64).narrow(0, 0, tokens))]);
        var target = new TopTokens(ids, randn(rows, tokens).softmax(-1));
        var weights = rand(rows);
        var (states, exactStates) = Random(type, rows, Width);
        var (expected, gradient) = Formula(exactModel, exactStates);
        var (plain, plainGradient) = Formula(computedModel, states.clone().requires_grad_());
        using var quiet = no_grad();

        var (values, atStates) = new KlLoss(computedModel, target, direction).Evaluate(states, weights);

        ShouldAgreeAsPlain(values, plain, expected, type, "divergences");
        ShouldAgreeAsPlain(atStates, plainGradient, gradient, type, "gradient");

        // The divergences from the logits on in at least fp32, as the loss has them, and the gradient of their weighted sum.
        (Tensor Values, Tensor Gradient) Formula(QwenVlModel model, Tensor h)
        {
            var logits = model.Unembed(h).gather(1, ids);
            var wide = type == ScalarType.BFloat16 && model == computedModel ? ScalarType.Float32 : ScalarType.Float64;
            var (logQ, p) = (logits.to_type(wide).log_softmax(-1), target.Probabilities.to_type(wide));
            var all = direction == KlDirection.Forward ? (p * (p.log() - logQ)).sum(-1) : (logQ.exp() * (logQ - p.log())).sum(-1);
            return (all.detach(), autograd.grad([(all * weights).sum()], [h])[0]);
        }
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
            ShouldAgree(top.Probabilities, logits.gather(1, top.Ids).softmax(-1), type, $"probabilities of {k} tokens");
            // Where two logits are as close as the type's rounding, either may come first: values are compared, not ids.
            ShouldAgree(logits.gather(1, top.Ids), logits.topk(k).values, type, $"the {k} largest logits");
        }
    }

    // Both models over a prompt, and what a comparison keeps of their logits, in one chunk of rows and in several.
    [Test]
    public void Comparison_EqualsTheFormula(
        [Values(ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float64)] ScalarType type,
        [Values(1, 50, Vocabulary)] int klTokens, [Values(1, 3)] int topTokens, [Values(1, 12)] int count, [Values(5, 1000)] long chunkRows)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var ((base_, exactBase), (rlvr, exactRlvr)) = (Pair(4, type), Pair(5, type));
        using var models = new Several(base_, exactBase, rlvr, exactRlvr);
        using var inputs = Tiny.Prompt(pictures: 2);
        using var basePrompt = EncodedPrompt.Encode(base_, inputs);
        using var rlvrPrompt = EncodedPrompt.Encode(rlvr, inputs);
        int[] positions = [.. inputs.VisualPositions.Take(count)];

        using var comparison = LensComparison.Compare(basePrompt, rlvrPrompt, positions, klTokens, topTokens, chunkRows);

        var (expected, plain) = (Formula(exactBase, exactRlvr), Formula(base_, rlvr));
        ShouldAgreeAsPlain(comparison.BaseEntropy, plain.Base, expected.Base, type, "base entropy");
        ShouldAgreeAsPlain(comparison.RlvrEntropy, plain.Rlvr, expected.Rlvr, type, "RLVR entropy");
        ShouldAgreeAsPlain(comparison.Kl, plain.Kl, expected.Kl, type, "KL");
        ShouldAgreeAsPlain(comparison.TopKl, plain.TopKl, expected.TopKl, type, "KL of the top tokens");
        ShouldAgreeAsPlain(
            comparison.BaseTokens.Probabilities, plain.LogP.exp().topk(topTokens).values, expected.LogP.exp().gather(2, comparison.BaseTokens.Ids), type, "base tokens");
        ShouldAgreeAsPlain(
            comparison.RlvrTokens.Probabilities, plain.LogQ.exp().topk(topTokens).values, expected.LogQ.exp().gather(2, comparison.RlvrTokens.Ids), type, "RLVR tokens");

        (Tensor Base, Tensor Rlvr, Tensor Kl, Tensor TopKl, Tensor LogP, Tensor LogQ) Formula(QwenVlModel one, QwenVlModel other)
        {
            var (logP, logQ) = (LogProbabilities(one, basePrompt), LogProbabilities(other, rlvrPrompt)); // [L+1, n, V]
            // The ids are the computed ones: in bf16 others may be among the largest.
            var ids = base_.Unembed(States(base_, basePrompt)).to_type(ScalarType.Float32).topk(klTokens).indexes;
            var (logPk, logQk) = (logP.gather(2, ids).log_softmax(-1), logQ.gather(2, ids).log_softmax(-1));
            return (Entropy(logP), Entropy(logQ), Kl(logP, logQ), Kl(logPk, logQk), logP, logQ);
        }

        Tensor States(QwenVlModel model, EncodedPrompt prompt) => ForwardPass.HiddenStates(model, prompt.Embedded.to_type(model.Type), inputs)
            .index_select(1, tensor(positions.Select(p => (long)p).ToArray()));

        Tensor LogProbabilities(QwenVlModel model, EncodedPrompt prompt) =>
            model.Unembed(States(model, prompt)).to_type(model.Type == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32).log_softmax(-1);

        static Tensor Entropy(Tensor logP) => (logP.exp() * logP).sum(-1).neg();
        static Tensor Kl(Tensor logP, Tensor logQ) => (logP.exp() * (logP - logQ)).sum(-1);
    }

    private sealed class Several(params IReadOnlyList<IDisposable> all) : IDisposable
    {
        public void Dispose()
        {
            foreach (var one in all)
            {
                one.Dispose();
            }
        }
    }
}
