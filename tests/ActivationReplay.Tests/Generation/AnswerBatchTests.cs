using ActivationReplay.Decoding;
using ActivationReplay.Generation;
using ActivationReplay.Models;
using ActivationReplay.Tests.Models;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Generation;

/// <summary>Answers that are generated together: what they share, and that each is the one it is alone.</summary>
public sealed class AnswerBatchTests : GeneratorTest
{
    [TestCase(0.0)]
    [TestCase(1.0)]
    public void Generate_InABatch_EqualsEachAlone(double temperature)
    {
        using var scope = NewDisposeScope();
        var settings = new GenerationSettings { MaxNewTokens = 8, Temperature = temperature, Seed = 4, Samples = 3 };
        using var shortInputs = Tiny.Prompt(before: 2, after: 2, seed: 1);
        using var longInputs = Tiny.Prompt(pictures: 2, seed: 2);
        using var first = EncodedPrompt.Encode(Model, shortInputs);
        using var second = EncodedPrompt.Encode(Model, longInputs);

        var together = Generator.Generate([Request(first, settings), Request(second, settings with { Seed = 9 })]);

        Same(together[0], Generator.Generate(Request(first, settings)));
        Same(together[1], Generator.Generate(Request(second, settings with { Seed = 9 })));

        static void Same(IReadOnlyList<GeneratedSequence> a, IReadOnlyList<GeneratedSequence> b) =>
            a.Select(s => string.Join(' ', s.Ids)).Should().Equal(b.Select(s => string.Join(' ', s.Ids)));
    }

    // Two prompts of different lengths.
    [Test]
    public void AnswerCache_EqualsTheLayersOneByOne()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        manual_seed(3);
        var embedded = randn(2, 1, 32);
        var table = Model.RotaryAt(tensor(new long[] { 9, 12 }).view(1, 2, 1).expand(3, -1, -1));
        using var kernels = new SharedPrompts(Model, answers: 2, newTokens: 1);
        using var layers = new PaddedPrompts(Model, answers: 2, longest: 11, newTokens: 1);

        var (states, expected) = (Next(kernels), Next(layers));

        // fp32, sums of up to 48 terms in four layers.
        (states - expected).abs().max().item<float>().Should().BeLessThan(1e-4f);
        using var row = kernels.Row(0);
        using var expectedRow = layers.Row(0);
        (row.Storage(3).Keys - expectedRow.Storage(3).Keys).abs().max().item<float>().Should().BeLessThan(1e-4f);
        row.Length.Should().Be(9);

        Tensor Next(AnswerCache cache)
        {
            foreach (var (i, length) in new[] { 8, 11 }.Index())
            {
                var prompt = cache.Begin(length);
                manual_seed(i);
                foreach (var layer in Enumerable.Range(0, Model.Layers))
                {
                    prompt.Extend(layer, randn(1, 2, length, 8), randn(1, 2, length, 8));
                }

                prompt.Advance();
                cache.Add(1);
            }

            return cache.Next(embedded, table);
        }
    }

    // Sharp and flat distributions: answers that part never, late, and at once; alone each is a row of its own.
    [TestCase(0.0, 10)]
    [TestCase(0.05, 10)]
    [TestCase(0.2, 10)]
    [TestCase(1.0, 10)]
    [TestCase(1.0, 10, 3)]
    [TestCase(1.0, 10, 0, 0.3)]
    [TestCase(1.0, 1)]
    public void Generate_OfAnswersThatBeginAlike_ComputesThemOnceAndEqualsEachAlone(double temperature, int newTokens, int topK = 0, double topP = 1)
    {
        const int Samples = 24;
        using var inputs = Tiny.Prompt();
        using var other = Tiny.Prompt(before: 2, after: 2, seed: 1);
        using var prompt = EncodedPrompt.Encode(Model, inputs);
        using var otherPrompt = EncodedPrompt.Encode(Model, other);
        var settings = new GenerationSettings { MaxNewTokens = newTokens, Temperature = temperature, TopK = topK, TopP = topP, Seed = 2, Samples = Samples };
        var kept = new Dictionary<(int, int), KeptPrefix>();
        var alone = new Dictionary<(int, int), KeptPrefix>();
        GenerationRequest[] requests = [.. new[] { prompt, otherPrompt }.Select((p, r) => Request(p, settings) with { Keep = (s, k) => kept[(r, s)] = k })];

        var before = Model.LayerPositions;
        var together = Generator.Generate(requests);
        var computed = Model.LayerPositions - before;

        var tokens = new HashSet<string>();
        for (var r = 0; r < 2; r++)
        {
            for (var s = 0; s < Samples; s++)
            {
                var answer = Generator.Generate(requests[r] with
                {
                    Settings = settings with { Samples = 1 },
                    Indices = [s],
                    Keep = (_, k) => alone[(r, s)] = k,
                })[0];
                together[r][s].Ids.Should().Equal(answer.Ids);
                together[r][s].Finished.Should().Be(answer.Finished);
                tokens.UnionWith(Enumerable.Range(1, answer.Ids.Count - 1).Select(n => $"{r}: {string.Join(' ', answer.Ids.Take(n))}"));
                foreach (var layer in Enumerable.Range(0, Model.Layers))
                {
                    var (a, b) = (kept[(r, s)].Cache.Storage(layer), alone[(r, s)].Cache.Storage(layer));
                    (a.Keys.equal(b.Keys).all().item<bool>() && a.Values.equal(b.Values).all().item<bool>()).Should().BeTrue();
                }
            }
        }

        computed.Should().Be(Model.Layers * (inputs.Length + other.Length + tokens.Count));
        foreach (var prefix in kept.Values.Concat(alone.Values))
        {
            prefix.Dispose();
        }
    }

    [Test]
    public void Generate_OfSomeSamples_HasTheTokensOfAll()
    {
        using var inputs = Tiny.Prompt();
        using var prompt = EncodedPrompt.Encode(Model, inputs);
        var settings = new GenerationSettings { MaxNewTokens = 6, Temperature = 1, Samples = 4 };
        var generator = new TextGenerator(Model, []);
        var all = generator.Generate(Request(prompt, settings));
        var two = Request(prompt, settings with { Samples = 2 }) with { Indices = [1, 3] };

        var some = generator.Generate(two);

        some.Select(a => string.Join(' ', a.Ids)).Should().Equal(string.Join(' ', all[1].Ids), string.Join(' ', all[3].Ids)).And.OnlyHaveUniqueItems();
        generator.Invoking(g => g.Generate(two with { Settings = settings })).Should().Throw<ArgumentException>().WithMessage("*4 samples*2 indices*");
    }
}
