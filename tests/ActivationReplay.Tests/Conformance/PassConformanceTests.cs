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

        var layout = LoopLayout.Of(
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

    // Prompts of different lengths in one batch; 65 rows are more than the kernels take.
    [Test]
    public void NextToken_EqualsAPassOverTheWholeText(
        [Values(ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float64)] ScalarType type, [Values] bool isGpu, [Values(1, 2, 64, 65)] int rows)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var (computedModel, exactModel) = Pair(5, type, isGpu);
        using var one = computedModel;
        using var other = exactModel;
        manual_seed(rows);
        int[] lengths = [.. Enumerable.Range(0, rows).Select(row => 3 + (row % 5))];
        var longest = lengths.Max();
        using var cache = new KeyValueCache(computedModel.Config.Text, computedModel.Layers, rows, longest + 1, type, CPU);
        var (tokens, exactTokens) = Random(type, rows, 1, Width);
        var expected = new List<Tensor>();
        foreach (var (row, length) in lengths.Index())
        {
            var (prompt, exactPrompt) = Random(type, 1, length, Width);
            using var filled = new KeyValueCache(computedModel.Config.Text, computedModel.Layers, 1, length, type, CPU);
            ForwardPass.Run(computedModel, prompt, Table(computedModel, length), filled, null, computedModel.Layers + 1);
            filled.Advance();
            cache.Fill(filled, row, 1, longest);
            var whole = cat([exactPrompt, exactTokens.narrow(0, row, 1)], 1);
            expected.Add(ForwardPass.Run(exactModel, whole, Table(exactModel, length + 1), CausalContext.Instance, null, exactModel.Layers + 1)
                .narrow(1, length, 1));
        }

        var table = computedModel.RotaryAt(tensor(lengths.Select(l => (long)l).ToArray()).view(1, -1, 1).expand(3, -1, -1));
        ShouldAgree(NextToken.Run(computedModel, tokens, table, cache), cat(expected, 0), type);
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

    // A row's states are the same bits in any batch of up to 64 rows; beyond, they are as near as fp32.
    [Test]
    public void NextToken_InFp32_IsTheSameBitsInEveryBatchOfUpTo64Rows()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var model = Tiny.Model(5);
        manual_seed(1);
        var (tokens, keys, values) = (randn(65, 1, Width), randn(65, 2, 6, 8), randn(65, 2, 6, 8));
        var alone = States(1);

        foreach (var rows in new[] { 2, 3, 63, 64 })
        {
            States(rows).narrow(0, 0, 1).equal(alone).all().item<bool>().Should().BeTrue("{0} rows", rows);
        }

        ShouldAgree(States(65).narrow(0, 0, 1), alone, ScalarType.Float32, "65 rows");

        Tensor States(int rows)
        {
            using var cache = new KeyValueCache(model.Config.Text, model.Layers, rows, 7, ScalarType.Float32, CPU);
            foreach (var layer in Enumerable.Range(0, model.Layers))
            {
                cache.Extend(layer, keys.narrow(0, 0, rows), values.narrow(0, 0, rows));
            }

            cache.Advance();
            var table = model.RotaryAt(full([3, rows, 1], 6, ScalarType.Int64));
            return NextToken.Run(model, tokens.narrow(0, 0, rows), table, cache);
        }
    }

    private static Rotary Table(QwenVlModel model, long length) =>
        model.RotaryAt(arange(length, ScalarType.Int64).view(1, 1, -1).expand(3, -1, -1));
}
