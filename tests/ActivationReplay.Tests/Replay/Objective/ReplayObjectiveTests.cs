using ActivationReplay.Inputs;
using ActivationReplay.Lens;
using ActivationReplay.Models;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Objective;
using ActivationReplay.Tests.Models;
using FluentAssertions;
using NUnit.Framework;
using TorchSharp;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Replay.Objective;

/// <summary>Several prompts in one batch: what each of them would be alone.</summary>
public sealed class ReplayObjectiveTests
{
    private const int Words = 96;

    // Lengths, grids, numbers of pictures and of variants, text before and none; the last two are of one shape.
    private static readonly (Func<ModelInputs> Prompt, int Variants)[] s_prompts =
    [
        (() => Tiny.Prompt(seed: 1), 2),
        (() => Tiny.Prompt(pictures: 2, before: 0, seed: 2, rows: 3), 1),
        (() => Tiny.Prompt(pictures: 3, before: 9, after: 2, seed: 3), 3),
        (() => Tiny.Prompt(before: 7, seed: 4, rows: 9, columns: 8), 1), // more queries than a block has
        (() => Tiny.Prompt(before: 7, seed: 5, rows: 9, columns: 8), 2),
    ];

    [Test]
    public void Evaluate_OfSeveralPrompts_EqualsEachAlone(
        [Values(ScalarType.Float32, ScalarType.BFloat16)] ScalarType type, [Values] bool isGpu,
        [Values(0, 2)] int entry, [Values(10, Words)] int words, [Values] KlDirection direction)
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model(1, type: type, isGpu: isGpu);
        var prompts = Encoded(model);
        manual_seed(entry + words);
        var objectives = prompts.Select((p, i) => new PromptObjective(p, [.. Enumerable.Range(0, s_prompts[i].Variants).Select(v => Variant(i, v))])).ToList();
        var offsets = objectives.Select(o => o.Variants.Select(_ => randn(o.Prompt.Inputs.VisualPositions.Count, 32).mul(0.1)).ToList()).ToList();
        using var joint = new ReplayObjective(objectives, entry);

        var (losses, gradients) = joint.Evaluate([.. offsets.SelectMany(o => o)]);

        // fp32: products of another size sum in another order. bf16: such sums are rounded to 2⁻⁸ of themselves, some ten times on the way.
        var tolerance = type == ScalarType.Float32 ? 1e-5 : 0.02;
        var first = 0;
        foreach (var (objective, own) in objectives.Zip(offsets))
        {
            using var alone = new ReplayObjective([objective], entry);
            var (expected, expectedGradients) = alone.Evaluate(own);
            ShouldAgree(losses.narrow(0, first, own.Count), expected);
            foreach (var (variant, gradient) in expectedGradients.Index())
            {
                gradients[first + variant].shape.Should().Equal(gradient.shape);
                ShouldAgree(gradients[first + variant], gradient);
            }

            first += own.Count;
        }

        prompts.ForEach(p => p.Dispose());

        // A prompt that is compared in the last layer, and one that is not; the last visual token of some plays no part.
        VariantObjective Variant(int prompt, int variant)
        {
            var count = prompts[prompt].Inputs.VisualPositions.Count;
            LayerTarget[] targets = [Target(model, entry, [0, count - 2], words), Target(model, 3, [1, 2, count - 1 - (variant % 2)], words)];
            return new VariantObjective(prompt == 1 ? targets[..1] : targets, direction, count);
        }

        void ShouldAgree(Tensor computed, Tensor alone) =>
            (computed - alone).norm().item<float>().Should().BeLessThanOrEqualTo((float)(tolerance * alone.norm().item<float>()));
    }

    // Rows do not mix, and losses are not summed through 0 · NaN.
    [Test]
    public void Evaluate_WhereOneVariantIsNotFinite_LeavesTheOthersAsTheyAre([Values(ScalarType.Float32, ScalarType.BFloat16)] ScalarType type, [Values] bool isGpu)
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model(1, type: type, isGpu: isGpu);
        var prompts = Encoded(model);
        manual_seed(1);
        using var objective = new ReplayObjective(
            [.. prompts.Select((p, i) => new PromptObjective(p, [.. Enumerable.Range(0, s_prompts[i].Variants).Select(_ =>
                new VariantObjective([Target(model, 1, [0, 3], 10), Target(model, 2, [1, 4], 10)], KlDirection.Forward, 6))]))],
            entry: 0);
        Tensor[] offsets = [.. prompts.SelectMany((p, i) => Enumerable.Range(0, s_prompts[i].Variants).Select(_ => zeros(p.Inputs.VisualPositions.Count, 32)))];
        var (losses, gradients) = objective.Evaluate(offsets);

        offsets[1] = full_like(offsets[1], float.NaN);
        var (after, gradientsAfter) = objective.Evaluate(offsets);

        foreach (var other in Enumerable.Range(0, offsets.Length))
        {
            if (other == 1)
            {
                after[other].isnan().item<bool>().Should().BeTrue();
                continue;
            }

            after[other].item<float>().Should().Be(losses[other].item<float>());
            gradientsAfter[other].equal(gradients[other]).all().item<bool>().Should().BeTrue();
        }

        prompts.ForEach(p => p.Dispose());
    }

    [Test]
    public void Evaluate_WithoutAnyTarget_IsZero()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model(1);
        var prompts = Encoded(model);
        using var objective = new ReplayObjective([.. prompts.Take(2).Select(p => new PromptObjective(p, [new VariantObjective([], KlDirection.Forward, 6)]))], entry: 0);

        var (losses, gradients) = objective.Evaluate([.. prompts.Take(2).Select(p => zeros(p.Inputs.VisualPositions.Count, 32))]);

        losses.data<float>().Should().AllBeEquivalentTo(0f);
        gradients.Should().OnlyContain(g => g.abs().sum().item<float>() == 0);
        prompts.ForEach(p => p.Dispose());
    }

    [Test]
    public void Construction_AndEvaluation_LeaveNoTensorsBehind()
    {
        using var model = Tiny.Model(1);
        using var inputs = Tiny.Prompt();
        using var other = Tiny.Prompt(before: 0);
        using var prompt = EncodedPrompt.Encode(model, inputs);
        using var second = EncodedPrompt.Encode(model, other);
        Run();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Run();

        DisposeScopeManager.Statistics.ThreadTotalLiveCount.Should().Be(before);

        void Run()
        {
            using var scope = NewDisposeScope();
            using var objective = new ReplayObjective(
                [.. new[] { prompt, second }.Select(p => new PromptObjective(p, [new VariantObjective([Target(model, 2, [0, 1], 10)], KlDirection.Forward, 6)]))], entry: 0);
            objective.Evaluate([zeros(6, 32), zeros(6, 32)]);
        }
    }

    private static List<EncodedPrompt> Encoded(QwenVlModel model) =>
    [
        .. s_prompts.Select(p =>
        {
            // An encoded prompt reads its inputs' positions, not their pixels.
            using var inputs = p.Prompt();
            return EncodedPrompt.Encode(model, inputs);
        }),
    ];

    private static LayerTarget Target(QwenVlModel model, int layer, int[] rows, int words) => new(layer, rows, new TopTokens(
        stack([.. rows.Select(_ => randperm(model.Config.Text.VocabularySize, ScalarType.Int64).narrow(0, 0, words))]), randn(rows.Length, words).softmax(-1)));
}
