using ActivationReplay.Decoding;
using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Tests.Models;
using ActivationReplay.Tests.Text;
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

    // The token that completes the text is the last, or the one that the text begins with, whatever follows.
    [TestCase(false)]
    [TestCase(true)]
    public void Generate_UntilAText_EndsWithItsLastTokenOrItsFirst(bool atFirstToken)
    {
        using var scope = NewDisposeScope();
        var tokenizer = TextGoldens.Tokenizer(TextGoldens.Qwen);
        using var inputs = Tiny.Prompt();
        using var prompt = EncodedPrompt.Encode(model, inputs);
        var settings = new GenerationSettings { MaxNewTokens = 12, Temperature = 1, Seed = 4 };
        var plain = new TextGenerator(model, []).Generate(Request(prompt, settings))[0];
        var text = atFirstToken ? tokenizer.Decode(plain.Ids.Skip(3).Take(1)) + " \u00E9" : tokenizer.Decode(plain.Ids.Skip(3).Take(3));
        var last = atFirstToken
            ? plain.Ids.ToList().IndexOf(plain.Ids[3]) + 1
            : Enumerable.Range(1, 12).First(n => tokenizer.Decode(plain.Ids.Take(n)).Contains(text, StringComparison.Ordinal));

        var answer = new TextGenerator(model, []) { Until = new StopText(tokenizer, text, atFirstToken) }.Generate(Request(prompt, settings))[0];

        answer.Ids.Should().Equal(plain.Ids.Take(last));
        answer.Finished.Should().BeTrue();
    }

    // Two prompts of different lengths.
    [Test]
    public void AnswerCache_EqualsTheLayersOneByOne()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        manual_seed(3);
        var embedded = randn(2, 1, 32);
        var table = model.RotaryAt(tensor(new long[] { 9, 12 }).view(1, 2, 1).expand(3, -1, -1));
        using var kernels = new SharedPrompts(model, answers: 2, newTokens: 1);
        using var layers = new PaddedPrompts(model, answers: 2, longest: 11, newTokens: 1);

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
                foreach (var layer in Enumerable.Range(0, model.Layers))
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
        using var prompt = EncodedPrompt.Encode(model, inputs);
        using var otherPrompt = EncodedPrompt.Encode(model, other);
        var settings = new GenerationSettings { MaxNewTokens = newTokens, Temperature = temperature, TopK = topK, TopP = topP, Seed = 2, Samples = Samples };
        var kept = new Dictionary<(int, int), KeptPrefix>();
        var alone = new Dictionary<(int, int), KeptPrefix>();
        GenerationRequest[] requests = [.. new[] { prompt, otherPrompt }.Select((p, r) => Request(p, settings) with { Keep = (s, k) => kept[(r, s)] = k })];

        var before = model.LayerPositions;
        var together = generator.Generate(requests);
        var computed = model.LayerPositions - before;

        var tokens = new HashSet<string>();
        for (var r = 0; r < 2; r++)
        {
            for (var s = 0; s < Samples; s++)
            {
                var answer = generator.Generate(requests[r] with
                {
                    Settings = settings with { Samples = 1 },
                    Indices = [s],
                    Keep = (_, k) => alone[(r, s)] = k,
                })[0];
                together[r][s].Ids.Should().Equal(answer.Ids);
                together[r][s].Finished.Should().Be(answer.Finished);
                tokens.UnionWith(Enumerable.Range(1, answer.Ids.Count - 1).Select(n => $"{r}: {string.Join(' ', answer.Ids.Take(n))}"));
                foreach (var layer in Enumerable.Range(0, model.Layers))
                {
                    var (a, b) = (kept[(r, s)].Cache.Storage(layer), alone[(r, s)].Cache.Storage(layer));
                    (a.Keys.equal(b.Keys).all().item<bool>() && a.Values.equal(b.Values).all().item<bool>()).Should().BeTrue();
                }
            }
        }

        computed.Should().Be(model.Layers * (inputs.Length + other.Length + tokens.Count));
        foreach (var prefix in kept.Values.Concat(alone.Values))
        {
            prefix.Dispose();
        }
    }

    [Test]
    public void Generate_OfSomeSamples_HasTheTokensOfAll()
    {
        using var inputs = Tiny.Prompt();
        using var prompt = EncodedPrompt.Encode(model, inputs);
        var settings = new GenerationSettings { MaxNewTokens = 6, Temperature = 1, Samples = 4 };
        var generator = new TextGenerator(model, []);
        var all = generator.Generate(Request(prompt, settings));
        var two = Request(prompt, settings with { Samples = 2 }) with { Indices = [1, 3] };

        var some = generator.Generate(two);

        some.Select(a => string.Join(' ', a.Ids)).Should().Equal(string.Join(' ', all[1].Ids), string.Join(' ', all[3].Ids)).And.OnlyHaveUniqueItems();
        generator.Invoking(g => g.Generate(two with { Settings = settings })).Should().Throw<ArgumentException>().WithMessage("*4 samples*2 indices*");
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

    // An edit of states of another width: the second prompt's prefill fails when the cache of the batch is there.
    [Test]
    public void Generate_WhosePrefillFails_LeavesNoTensorsBehind()
    {
        using var inputs = Tiny.Prompt();
        using var prompt = EncodedPrompt.Encode(model, inputs);
        using var wrong = new Intervention([new StateEdit(0, EditKind.Add, [1], zeros(1, 7).DetachFromDisposeScope())]);
        var settings = new GenerationSettings { MaxNewTokens = 3 };
        GenerationRequest[] requests = [Request(prompt, settings), new(prompt, wrong, settings)];
        FluentActions.Invoking(() => generator.Generate(requests)).Should().Throw<Exception>();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        FluentActions.Invoking(() => generator.Generate(requests)).Should().Throw<Exception>();

        DisposeScopeManager.Statistics.ThreadTotalLiveCount.Should().Be(before);
    }

    [Test]
    public void Generate_Cancelled_EndsWithinAToken_AndLeavesNoTensorsBehind()
    {
        using var inputs = Tiny.Prompt();
        using var prompt = EncodedPrompt.Encode(model, inputs);
        using var cancel = new CancellationTokenSource();
        var endless = new TextGenerator(model, []);
        endless.Generate(Request(prompt, new() { MaxNewTokens = 2 }));
        var (tensors, prefilled) = (DisposeScopeManager.Statistics.ThreadTotalLiveCount, model.LayerPositions);

        var interrupter = Task.Run(() =>
        {
            // Ten tokens after the prefill, which runs every layer over the prompt.
            SpinWait.SpinUntil(() => model.LayerPositions > prefilled + model.Layers * (inputs.Length + 10));
            cancel.Cancel();
            return model.LayerPositions;
        });
        FluentActions.Invoking(() => endless.Generate(Request(prompt, new() { MaxNewTokens = 20_000 }), cancel.Token))
            .Should().Throw<OperationCanceledException>();

        (model.LayerPositions - interrupter.Result).Should().BeLessThanOrEqualTo(model.Layers, "no second token was begun");
        DisposeScopeManager.Statistics.ThreadTotalLiveCount.Should().Be(tensors);
    }

    [Test]
    public void Generate_CancelledBefore_RunsNoLayer()
    {
        using var inputs = Tiny.Prompt();
        using var prompt = EncodedPrompt.Encode(model, inputs);
        var before = model.LayerPositions;

        FluentActions.Invoking(() => generator.Generate(Request(prompt, new()), new CancellationToken(canceled: true)))
            .Should().Throw<OperationCanceledException>();

        model.LayerPositions.Should().Be(before);
    }

    [Test]
    public void Generate_OfAPromptThatAnotherModelEncoded_SaysWhoMust()
    {
        using var other = Tiny.Model(6);
        using var inputs = Tiny.Prompt();
        using var own = EncodedPrompt.Encode(model, inputs);
        using var foreign = EncodedPrompt.Encode(other, inputs);

        FluentActions.Invoking(() => generator.Generate([Request(own, new()), Request(foreign, new())]))
            .Should().Throw<ArgumentException>().WithMessage("*Request 1*another model*prepared.Answerer*");
    }

    [Test]
    public void OnToken_SeesEveryTokenAsItIsChosen_StepByStep()
    {
        using var inputs = Tiny.Prompt();
        using var prompt = EncodedPrompt.Encode(model, inputs);
        var seen = new List<GeneratedToken>();
        var watched = new TextGenerator(model, [3, 7]) { OnToken = seen.Add };
        var settings = new GenerationSettings { MaxNewTokens = 12, Temperature = 1, Samples = 3, Seed = 2 };

        var answers = watched.Generate([Request(prompt, settings), Request(prompt, settings with { Seed = 8 })]);

        foreach (var (request, sequences) in answers.Index())
        {
            foreach (var (sequence, answer) in sequences.Index())
            {
                var own = seen.Where(t => t.Request == request && t.Sequence == sequence).ToList();
                own.Select(t => t.Id).Should().Equal(answer.Ids);
                own.Select(t => t.IsLast).Should().Equal(answer.Ids.Select((_, i) => i == answer.Ids.Count - 1));
            }
        }

        seen.Take(6).Select(t => (t.Request, t.Sequence)).Should().Equal((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2));
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
