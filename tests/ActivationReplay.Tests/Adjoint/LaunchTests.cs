using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Lens;
using ActivationReplay.Models;
using ActivationReplay.Native;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Objective;
using ActivationReplay.Tests.Models;
using FluentAssertions;
using Mono.Cecil;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Adjoint;

/// <summary>
/// What a GPU is asked for, counted on the CPU with a GPU's backend: a small model is asked for the same operations as a large one.
/// </summary>
[Platform("Linux")]
public sealed class LaunchTests
{
    private const long MostALayer = 40; // forward, backward, and reading and adding at the positions that are compared
    private const long MostBeside = 45; // offsets, loss, and the last layer's selected positions
    private const long MostAPromptAndLayer = 13; // attention of one more shape, forward and backward

    // With text before the picture, so that keys and values are joined to those before, and without.
    [Test]
    public void Iteration_HasAtMost40LaunchesALayer_AndReadsNothing(
        [Values(ScalarType.Float32, ScalarType.BFloat16)] ScalarType type, [Values(1, 2)] int variants, [Values(0, 5)] int before)
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model(1, type: type, isGpu: true);
        using var inputs = Tiny.Prompt(before: before);
        using var prompt = EncodedPrompt.Encode(model, inputs);
        var counts = new[] { 2, 3, 4 }.Select(Count).ToList();

        counts.Should().OnlyContain(c => c.Transfers == 0, "nothing may wait for the device");
        (counts[1].Launches - counts[0].Launches).Should().BeLessThanOrEqualTo(MostALayer);
        (counts[2].Launches - counts[1].Launches).Should().BeLessThanOrEqualTo(MostALayer);
        counts[2].Launches.Should().BeLessThanOrEqualTo((3 * MostALayer) + MostBeside, "three layers are computed for a loss at four");

        (long Launches, long Transfers) Count(int layers)
        {
            VariantObjective[] all =
                [.. Enumerable.Range(0, variants).Select(_ => new VariantObjective([.. Enumerable.Range(0, layers).Select(l => Target(l, 5))], KlDirection.Forward, 6))];
            using var objective = new ReplayObjective(prompt, entry: 0, all);
            Tensor[] offsets = [.. all.Select(_ => zeros(6, 32))];
            objective.Evaluate(offsets);
            using var recorder = new OperationRecorder();
            objective.Evaluate(offsets);
            return (recorder.Launches, recorder.Transfers);
        }
    }

    private static LayerTarget Target(int layer, int last) => new(layer, [0, 2, last], new TopTokens(
        stack([.. Enumerable.Range(0, 3).Select(_ => randperm(96, ScalarType.Int64).narrow(0, 0, 10))]), randn(3, 10).softmax(-1)));

    // Of three shapes: with text before the picture and without, one with two variants. Prompts of one shape attend in one call.
    [Test]
    public void Batch_OfPrompts_LaunchesMoreInAttentionAlone([Values(ScalarType.Float32, ScalarType.BFloat16)] ScalarType type)
    {
        const int Layers = 4; // three are computed for a loss at four
        using var scope = NewDisposeScope();
        using var model = Tiny.Model(1, type: type, isGpu: true);
        ModelInputs[] inputs = [Tiny.Prompt(before: 5), Tiny.Prompt(before: 0), Tiny.Prompt(before: 3, rows: 3, columns: 4)];
        EncodedPrompt[] prompts = [.. inputs.Select(i => EncodedPrompt.Encode(model, i))];
        try
        {
            var alone = Count(prompts[0]);
            var batch = Count(prompts);
            var alike = Count(prompts[0], prompts[0]);

            batch.Transfers.Should().Be(0, "nothing may wait for the device");
            // One joins the offsets.
            batch.Beside.Should().Be(alone.Beside + 1);
            alike.Beside.Should().Be(alone.Beside + 1);
            (batch.Attention - alone.Attention).Should().BePositive().And.BeLessThanOrEqualTo(2 * (Layers - 1) * MostAPromptAndLayer);
            alike.Attention.Should().BeLessThanOrEqualTo(alone.Attention, "one call for both");
        }
        finally
        {
            prompts.ToList().ForEach(p => p.Dispose());
            inputs.ToList().ForEach(i => i.Dispose());
        }

        (long Attention, long Beside, long Transfers) Count(params EncodedPrompt[] asked)
        {
            var all = asked.Select((p, i) => new PromptObjective(p, [.. Enumerable.Range(0, i == 2 ? 2 : 1).Select(_ =>
                new VariantObjective([.. Enumerable.Range(0, Layers).Select(l => Target(l, p.Inputs.VisualPositions.Count - 1))], KlDirection.Forward, 6))])).ToList();
            using var objective = new ReplayObjective(all, entry: 0);
            Tensor[] offsets = [.. all.SelectMany(p => p.Variants.Select(_ => zeros(p.Prompt.Inputs.VisualPositions.Count, 32)))];
            objective.Evaluate(offsets);
            using var recorder = new OperationRecorder();
            objective.Evaluate(offsets);
            var attention = recorder.Operations.Where(o => o.Part == "attention").Sum(o => o.Launches);
            return (attention, recorder.Launches - attention, recorder.Transfers);
        }
    }

    // On the CPU TorchSharp reads single numbers without libtorch, so that counting would not see them.
    [Test]
    public void LoopAndDecoding_ReadNoSingleNumber()
    {
        using var ours = AssemblyDefinition.ReadAssembly(typeof(QwenVlModel).Assembly.Location);
        string[] hot = ["Adjoint", "Decoding", "Generation", "Models", "Replay.Objective"];
        var methods = ours.MainModule.GetTypes()
            .Where(t => hot.Contains(Outer(t).Namespace.Replace("ActivationReplay.", "", StringComparison.Ordinal)))
            .SelectMany(t => t.Methods).Where(m => m.HasBody).ToList();

        methods.Should().HaveCountGreaterThan(100);
        methods.Where(m => m.Body.Instructions.Select(i => i.Operand).OfType<MethodReference>()
                .Any(c => c.DeclaringType.FullName == "TorchSharp.torch/Tensor" && c.Name is "item" or "ToSingle" or "ToDouble" or "op_Explicit"))
            .Select(m => m.FullName).Should().BeEmpty("each is a wait for the device");

        static TypeDefinition Outer(TypeDefinition type) => type.DeclaringType is null ? type : Outer(type.DeclaringType);
    }

    [TestCase(0.0, 1)]
    [TestCase(0.1, 4)]
    public void Loop_ReadsItsLossesOnce_UnlessItStopsByThem(double stopAt, int reads)
    {
        using var scope = NewDisposeScope();
        var settings = new ReplaySettings { Iterations = 4, StopAt = stopAt };
        using var recorder = new OperationRecorder();

        var trace = OffsetOptimiser.Minimise((tokens, step) => (tensor(new[] { 1f / (step + 3) }), [zeros_like(tokens[0])]), [(3, settings)], 8, CPU)[0].Trace;

        recorder.Transfers.Should().Be(reads);
        trace.Losses.Should().Equal(Enumerable.Range(0, reads == 1 ? 4 : reads).Select(step => (double)(1f / (step + 3))), "to the last bit, however they are read");
    }

    // Of rows of one length, and of padded ones; greedy, and drawn.
    [Test]
    public void Token_HasAtMost18LaunchesALayer_AndIsAllThatTheHostReads(
        [Values(0.0, 1.0)] double temperature, [Values] bool isPadded, [Values(ScalarType.Float32, ScalarType.BFloat16)] ScalarType type)
    {
        const int Most = 18;
        const int Beside = 20; // embedding, head, choice, mask
        using var scope = NewDisposeScope();
        using var model = Tiny.Model(1, type: type, isGpu: true);
        using var inputs = Tiny.Prompt();
        using var longer = Tiny.Prompt(after: 7);
        using var prompt = EncodedPrompt.Encode(model, inputs);
        using var other = EncodedPrompt.Encode(model, isPadded ? longer : inputs);

        var (few, more) = (Count(10), Count(20));

        (more.Launches - few.Launches).Should().BeLessThanOrEqualTo(10 * ((4 * Most) + Beside));
        (more.Transfers - few.Transfers).Should().Be(10);

        (long Launches, long Transfers) Count(int tokens)
        {
            var settings = new GenerationSettings { Samples = 2, MaxNewTokens = tokens, Temperature = temperature };
            var generator = new TextGenerator(model, []);
            using var recorder = new OperationRecorder();
            generator.Generate([.. new[] { prompt, other }.Select(p => new GenerationRequest(p, Intervention.None, settings))]);
            return (recorder.Launches, recorder.Transfers);
        }
    }
}
