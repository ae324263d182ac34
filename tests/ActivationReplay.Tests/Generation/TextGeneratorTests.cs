using ActivationReplay.Generation;
using ActivationReplay.Models;
using ActivationReplay.Tests.Models;
using FluentAssertions;
using NUnit.Framework;
using TorchSharp;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Generation;

public sealed class TextGeneratorTests
{
    private QwenVlModel model = null!;
    private TextGenerator generator = null!;

    [SetUp]
    public void Load()
    {
        model = Tiny.Model(5);
        generator = new TextGenerator(model, [3, 7]);
    }

    [TearDown]
    public void Unload() => model.Dispose();

    [Test]
    public void Generate_Greedy_EqualsArgmaxOfFullPasses()
    {
        using var scope = NewDisposeScope();
        using var inputs = Tiny.Prompt();
        using var prompt = EncodedPrompt.Encode(model, inputs);

        var answer = generator.Generate(Request(prompt, new() { MaxNewTokens = 6 }))[0];

        var ids = inputs.Ids.ToList();
        foreach (var token in answer.Ids)
        {
            long[][] positions = [.. inputs.Positions.Select(p => (long[])
                [.. p, .. Enumerable.Range(inputs.Length, ids.Count - inputs.Length).Select(i => i + inputs.RopeDelta)])];
            using var longer = new ModelInputs([.. ids], inputs.Pixels!.alias(), inputs.Grids, inputs.Spans, positions);
            var logits = ForwardPass.Logits(model, model.Embed(longer, prompt.Features), longer);
            logits[^1].argmax().item<long>().Should().Be(token);
            ids.Add(token);
        }
    }

    [TestCase(0.0)]
    [TestCase(1.0)]
    public void Generate_InABatch_EqualsEachAlone(double temperature)
    {
        using var scope = NewDisposeScope();
        var settings = new GenerationSettings { MaxNewTokens = 8, Temperature = temperature, Seed = 4, Samples = 3 };
        using var shortInputs = Tiny.Prompt(before: 2, after: 2, seed: 1);
        using var longInputs = Tiny.Prompt(pictures: 2, seed: 2);
        using var first = EncodedPrompt.Encode(model, shortInputs);
        using var second = EncodedPrompt.Encode(model, longInputs);

        var together = generator.Generate([Request(first, settings), Request(second, settings with { Seed = 9 })]);

        Same(together[0], generator.Generate(Request(first, settings)));
        Same(together[1], generator.Generate(Request(second, settings with { Seed = 9 })));

        static void Same(IReadOnlyList<GeneratedSequence> a, IReadOnlyList<GeneratedSequence> b) =>
            a.Select(s => string.Join(' ', s.Ids)).Should().Equal(b.Select(s => string.Join(' ', s.Ids)));
    }

    [Test]
    public void Generate_WithAnotherSeed_DrawsOtherTokens()
    {
        using var inputs = Tiny.Prompt();
        using var prompt = EncodedPrompt.Encode(model, inputs);
        var settings = new GenerationSettings { MaxNewTokens = 12, Temperature = 1 };

        var one = generator.Generate(Request(prompt, settings))[0].Ids;
        var other = generator.Generate(Request(prompt, settings with { Seed = 1 }))[0].Ids;

        one.Should().NotEqual(other);
    }

    [Test]
    public void Generate_AtAStopToken_EndsAndKeepsIt()
    {
        using var inputs = Tiny.Prompt();
        using var prompt = EncodedPrompt.Encode(model, inputs);
        var free = generator.Generate(Request(prompt, new() { MaxNewTokens = 5 }))[0].Ids;
        var stopping = new TextGenerator(model, [free[2]]);

        var answer = stopping.Generate(Request(prompt, new() { MaxNewTokens = 5 }))[0];

        answer.Finished.Should().BeTrue();
        answer.Ids.Should().Equal(free.Take(answer.Ids.Count)).And.EndWith(free[2]);
    }

    [Test]
    public void Generate_LeavesNoTensorsBehind()
    {
        using var inputs = Tiny.Prompt();
        using var prompt = EncodedPrompt.Encode(model, inputs);
        var settings = new GenerationSettings { MaxNewTokens = 6, Temperature = 0.7, Samples = 4 };
        generator.Generate(Request(prompt, settings));
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        generator.Generate(Request(prompt, settings));

        DisposeScopeManager.Statistics.ThreadTotalLiveCount.Should().Be(before);
    }

    [Test]
    public void Settings_OutOfRange_NameTheKeyAndWhatIsAllowed()
    {
        FluentActions.Invoking(() => new GenerationSettings { TopP = 1.5 })
            .Should().Throw<ArgumentOutOfRangeException>().WithMessage("*TopP is 1.5*above 0 and at most 1*");
    }

    private static GenerationRequest Request(EncodedPrompt prompt, GenerationSettings settings) =>
        new(prompt, Intervention.None, settings);
}
