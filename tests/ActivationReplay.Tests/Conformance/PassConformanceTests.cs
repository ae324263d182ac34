using ActivationReplay.Adjoint;
using ActivationReplay.Decoding;
using ActivationReplay.Lens;
using ActivationReplay.Models;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Objective;
using ActivationReplay.Tests.Models;
using FluentAssertions;
using NUnit.Framework;
using static ActivationReplay.Tests.Conformance.Exact;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Conformance;

/// <summary>Whole layers, decoded tokens and the loop against the plain modules and autograd through them in fp64.</summary>
public sealed class PassConformanceTests
{
    // Columns on the CPU in fp32, rows elsewhere.
    [Test]
    public void Layer_WithItsGradient_EqualsTheModule(
        [Values(ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float64)] ScalarType type, [Values] bool isGpu,
        [Values(1, 64, 65)] int length, [Values(0, 3)] int before, [Values] bool lastAlone, [Values(1, 2)] int variants)
    {
        using var scope = NewDisposeScope();
        var (computedModel, exactModel) = Pair(3, type, isGpu);
        using var one = computedModel;
        using var other = exactModel;
        manual_seed(length);
        int[] indices = lastAlone ? [length - 1] : [.. Enumerable.Range(0, length)];
        var index = tensor(indices.Select(p => (long)p).ToArray());
        var (early, exactEarly) = Random(type, 1, before, Width);
        var (states, exactStates) = Random(type, variants, length, Width);
        var (g, exactG) = Random(type, variants, indices.Length, Width);
        var expected = exactModel.RunLayer(1, cat([exactEarly.expand(variants, -1, -1), exactStates], 1), Table(exactModel, before + length), CausalContext.Instance)
            .narrow(1, before, length).index_select(1, index);
        var gradient = autograd.grad([expected], [exactStates], [exactG])[0];
        using var quiet = no_grad();
        using var prefix = new PrefixContext();
        var table = Table(computedModel, before + length);
        if (before > 0)
        {
            computedModel.CacheKeysAndValues(1, early, table.Slice(0, before), prefix);
        }

        using var layout = LoopLayout.Of(
            computedModel.Backend, [new LoopPrompt(table.Slice(before, before + length), before, variants, lastAlone ? indices : null)]);
        var every = arange(variants * length, ScalarType.Int64);
        var entering = layout.Hold([zeros([length, Width], type)]);
        layout.Add(states.flatten(0, 1), every, entering);
        var pass = layout.Run(computedModel.DecoderLayers[1], entering, [prefix.Of(1)], isLast: lastAlone);
        var all = arange(variants * indices.Length, ScalarType.Int64);
        var output = layout.Read(pass.Output, all).clone();
        var atOutput = layout.Zero(all.shape[0], Width, CPU);
        layout.Add(g.flatten(0, 1).to_type(ScalarType.Float32), all, atOutput);

        ShouldAgree(output, expected.flatten(0, 1), type, "states");
        ShouldAgree(layout.Read(pass.Backward(atOutput), every), gradient.flatten(0, 1), type, "gradient");
    }

    // Prompts of different lengths in one batch; wide tiles take full and broken fours of rows.
    [Test]
    public void AnswerCache_Next_EqualsAPassOverTheWholeText(
        [Values(ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float64)] ScalarType type, [Values] bool isGpu, [Values(1, 2, 8, 65)] int rows)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (computedModel, exactModel) = Pair(5, type, isGpu);
        using var one = computedModel;
        using var other = exactModel;
        manual_seed(rows);
        int[] lengths = [.. Enumerable.Range(0, rows).Select(row => 3 + (row % 5))];
        var longest = lengths.Max();
        using var cache = AnswerCache.Of(computedModel, rows, longest, newTokens: 1);
        var (tokens, exactTokens) = Random(type, rows, 1, Width);
        var expected = new List<Tensor>();
        foreach (var (row, length) in lengths.Index())
        {
            var (prompt, exactPrompt) = Random(type, 1, length, Width);
            var filled = cache.Begin(length);
            ForwardPass.Run(computedModel, prompt, Table(computedModel, length), filled, null, computedModel.Layers + 1);
            filled.Advance();
            cache.Add(1);
            var whole = cat([exactPrompt, exactTokens.narrow(0, row, 1)], 1);
            expected.Add(ForwardPass.Run(exactModel, whole, Table(exactModel, length + 1), CausalContext.Instance, null, exactModel.Layers + 1)
                .narrow(1, length, 1));
        }

        var table = computedModel.RotaryAt(tensor(lengths.Select(l => (long)l).ToArray()).view(1, -1, 1).expand(3, -1, -1));
        ShouldAgree(cache.Next(tokens, table), cat(expected, 0), type);
    }

    // The published form: K of 50, several layers, positions after and before text; losses and gradients of two variants. A few
    // positions take part, so that in bf16 a single draw of offsets and targets may err far more or less than plain bf16: several
    // are compared together.
    [Test]
    public void Loop_WithItsGradient_EqualsAutogradThroughTheModel(
        [Values(ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float64)] ScalarType type, [Values] bool isGpu,
        [Values(1, 50, Vocabulary)] int tokens, [Values] KlDirection direction)
    {
        using var scope = NewDisposeScope();
        var (computedModel, exactModel) = Pair(6, type, isGpu);
        using var one = computedModel;
        using var other = exactModel;
        using var inputs = Tiny.Prompt(pictures: 2);
        using var prompt = EncodedPrompt.Encode(computedModel, inputs);
        var count = inputs.VisualPositions.Count;
        var visual = tensor(inputs.VisualPositions.Select(p => (long)p).ToArray());
        manual_seed(tokens);
        var draws = Enumerable.Range(0, type == ScalarType.BFloat16 ? 16 : 1).Select(_ => Draw()).ToList();

        ShouldAgreeAsPlain(
            cat([.. draws.Select(d => d.Computed.Losses)]), cat([.. draws.Select(d => d.Plain.Losses)]), cat([.. draws.Select(d => d.Exact.Losses)]), type, "losses");
        ShouldAgreeAsPlain(
            cat([.. draws.Select(d => d.Computed.Gradients)]), cat([.. draws.Select(d => d.Plain.Gradients)]), cat([.. draws.Select(d => d.Exact.Gradients)]), type, "gradients");

        ((Tensor Losses, Tensor Gradients) Computed, (Tensor Losses, Tensor Gradients) Plain, (Tensor Losses, Tensor Gradients) Exact) Draw()
        {
            VariantObjective[] variants =
            [
                new([Target(0, [0, 2, 5]), Target(2, [1, 2, 3, count - 1])], direction, count),
                new([Target(1, [count - 2]), Target(3, [0, 4])], direction, count),
            ];
            Tensor[] offsets = [.. variants.Select(_ => randn(count, Width).mul(0.1).to_type(type).to_type(ScalarType.Float32))];
            using var objective = new ReplayObjective(prompt, entry: 0, variants);
            var (losses, gradients) = objective.Evaluate(offsets);
            return ((losses, stack([.. gradients])), All(computedModel), All(exactModel));

            (Tensor Losses, Tensor Gradients) All(QwenVlModel model)
            {
                var all = variants.Zip(offsets, (v, o) => Autograd(model, v, o)).ToList();
                return (stack([.. all.Select(a => a.Loss)]), stack([.. all.Select(a => a.Gradient)]));
            }
        }

        (Tensor Loss, Tensor Gradient) Autograd(QwenVlModel model, VariantObjective variant, Tensor offset)
        {
            var wide = offset.to_type(model == exactModel ? ScalarType.Float64 : ScalarType.Float32, copy: true).requires_grad_();
            var states = new List<Tensor>();
            ForwardPass.Run(
                model, prompt.Embedded.to_type(model.Type).index_add(1, visual, wide.to_type(model.Type).unsqueeze(0), 1), model.RotaryOf(inputs),
                CausalContext.Instance, null, 4, states.Add);
            var loss = variant.Targets.Select(t => Loss(model, t, states[t.Layer])).Aggregate((a, b) => a + b) / count;
            return (loss.detach(), autograd.grad([loss], [wide])[0]);
        }

        LayerTarget Target(int layer, int[] rows) => new(layer, rows, new TopTokens(
            stack([.. rows.Select(_ => randperm(Vocabulary, ScalarType.Int64).narrow(0, 0, tokens))]), randn(rows.Length, tokens).softmax(-1)));

        Tensor Loss(QwenVlModel model, LayerTarget target, Tensor states)
        {
            var read = states.squeeze(0).index_select(0, tensor(target.Rows.Select(r => (long)inputs.VisualPositions[r]).ToArray()));
            var wide = model == exactModel ? ScalarType.Float64 : ScalarType.Float32;
            var logQ = model.Unembed(read).gather(1, target.Tokens.Ids).to_type(wide).log_softmax(-1);
            var p = target.Tokens.Probabilities.to_type(wide);
            return (direction == KlDirection.Forward ? p * (p.log() - logQ) : logQ.exp() * (logQ - p.log())).sum(-1).mean();
        }
    }

    // Answers to one prompt and to several, beside many others and few: states, logits and what is kept are the same bits.
    [Test]
    public void AnswerCache_InFp32_HasTheSameBitsInEveryBatch()
    {
        const int Most = 130, Steps = 3, Prompt = 6;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = Tiny.Model(5);
        manual_seed(1);
        var (tokens, keys, values) = (randn(Steps, Most, 1, Width), randn(Most, 2, Prompt, 8), randn(Most, 2, Prompt, 8));
        var alone = Answered(1, 1);

        foreach (var (rows, answers) in new[] { (2, 1), (3, 3), (9, 4), (64, 64), (Most, 50) })
        {
            Answered(rows, answers).Zip(alone).Should().OnlyContain(t => t.First.equal(t.Second).all().item<bool>(), "{0} rows", rows);
        }

        // The first row's states and logits at each step, and its keys in the last layer. Answers to a prompt part at once.
        Tensor[] Answered(int rows, int answers)
        {
            using var cache = AnswerCache.Of(model, rows, Prompt, Steps);
            var shared = new List<int>();
            for (var first = 0; first < rows; first += answers)
            {
                var prompt = cache.Begin(Prompt);
                foreach (var layer in Enumerable.Range(0, model.Layers))
                {
                    prompt.Extend(layer, keys.narrow(0, first, 1), values.narrow(0, first, 1));
                }

                prompt.Advance();
                shared.AddRange(cache.Add(Math.Min(answers, rows - first)));
            }

            cache.Keep([.. shared.Select(row => (long)row)]);
            var results = new List<Tensor>();
            long[] kept = [.. Enumerable.Range(0, rows).Select(row => (long)row)];
            for (var step = 0; step < Steps; step++)
            {
                var table = model.RotaryAt(full([3, kept.Length, 1], Prompt + step, ScalarType.Int64));
                var states = cache.Next(tokens[step].index_select(0, tensor(kept)), table);
                results.AddRange([states.narrow(0, 0, 1), cache.Logits(states).narrow(0, 0, 1)]);
                // Every other answer ends.
                long[] places = [.. Enumerable.Range(0, kept.Length).Where(i => i % 2 == 0).Select(i => (long)i)];
                cache.Keep(places);
                kept = [.. places.Select(i => kept[i])];
            }

            using var row = cache.Row(0);
            row.Length.Should().Be(Prompt + Steps);
            return [.. results, row.Storage(model.Layers - 1).Keys.clone()];
        }
    }

    private static Rotary Table(QwenVlModel model, long length) =>
        model.RotaryAt(arange(length, ScalarType.Int64).view(1, 1, -1).expand(3, -1, -1));
}
