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

public sealed class TextGeneratorTests : GeneratorTest
{
    [Test]
    public void Generate_Greedy_EqualsArgmaxOfFullPasses()
    {
        using var scope = NewDisposeScope();
        using var inputs = Tiny.Prompt();
        using var prompt = EncodedPrompt.Encode(Model, inputs);

        var answer = Generator.Generate(Request(prompt, new() { MaxNewTokens = 6 }))[0];

        var ids = inputs.Ids.ToList();
        foreach (var token in answer.Ids)
        {
            long[][] positions = [.. inputs.Positions.Select(p => (long[])
                [.. p, .. Enumerable.Range(inputs.Length, ids.Count - inputs.Length).Select(i => i + inputs.RopeDelta)])];
            using var longer = new ModelInputs([.. ids], inputs.Pixels!.alias(), inputs.Grids, inputs.Spans, positions);
            var logits = ForwardPass.Logits(Model, Model.Embed(longer, prompt.Features), longer);
            logits[^1].argmax().item<long>().Should().Be(token);
            ids.Add(token);
        }
    }

    // The token that completes the text is the last, or the one that the text begins with, whatever follows.
    [TestCase(false)]
    [TestCase(true)]
    public void Generate_UntilAText_EndsWithItsLastTokenOrItsFirst(bool atFirstToken)
    {
        using var scope = NewDisposeScope();
        var tokenizer = TextGoldens.Tokenizer(TextGoldens.Qwen);
        using var inputs = Tiny.Prompt();
        using var prompt = EncodedPrompt.Encode(Model, inputs);
        var settings = new GenerationSettings { MaxNewTokens = 12, Temperature = 1, Seed = 4 };
        var plain = new TextGenerator(Model, []).Generate(Request(prompt, settings))[0];
        var text = atFirstToken ? tokenizer.Decode(plain.Ids.Skip(3).Take(1)) + " \u00E9" : tokenizer.Decode(plain.Ids.Skip(3).Take(3));
        var last = atFirstToken
            ? plain.Ids.ToList().IndexOf(plain.Ids[3]) + 1
            : Enumerable.Range(1, 12).First(n => tokenizer.Decode(plain.Ids.Take(n)).Contains(text, StringComparison.Ordinal));

        var answer = new TextGenerator(Model, []) { Until = new StopText(tokenizer, text, atFirstToken) }.Generate(Request(prompt, settings))[0];

        answer.Ids.Should().Equal(plain.Ids.Take(last));
        answer.Finished.Should().BeTrue();
    }

    [Test]
    public void Generate_WithAnotherSeed_DrawsOtherTokens()
    {
        using var inputs = Tiny.Prompt();
        using var prompt = EncodedPrompt.Encode(Model, inputs);
        var settings = new GenerationSettings { MaxNewTokens = 12, Temperature = 1 };

        var one = Generator.Generate(Request(prompt, settings))[0].Ids;
        var other = Generator.Generate(Request(prompt, settings with { Seed = 1 }))[0].Ids;

        one.Should().NotEqual(other);
    }

    [Test]
    public void Generate_AtAStopToken_EndsAndKeepsIt()
    {
        using var inputs = Tiny.Prompt();
        using var prompt = EncodedPrompt.Encode(Model, inputs);
        var free = Generator.Generate(Request(prompt, new() { MaxNewTokens = 5 }))[0].Ids;
        var stopping = new TextGenerator(Model, [free[2]]);

        var answer = stopping.Generate(Request(prompt, new() { MaxNewTokens = 5 }))[0];

        answer.Finished.Should().BeTrue();
        answer.Ids.Should().Equal(free.Take(answer.Ids.Count)).And.EndWith(free[2]);
    }

    [Test]
    public void Generate_LeavesNoTensorsBehind()
    {
        using var inputs = Tiny.Prompt();
        using var prompt = EncodedPrompt.Encode(Model, inputs);
        var settings = new GenerationSettings { MaxNewTokens = 6, Temperature = 0.7, Samples = 4 };
        Generator.Generate(Request(prompt, settings));
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Generator.Generate(Request(prompt, settings));

        DisposeScopeManager.Statistics.ThreadTotalLiveCount.Should().Be(before);
    }

    // An edit of states of another width: the second prompt's prefill fails when the cache of the batch is there.
    [Test]
    public void Generate_WhosePrefillFails_LeavesNoTensorsBehind()
    {
        using var inputs = Tiny.Prompt();
        using var prompt = EncodedPrompt.Encode(Model, inputs);
        using var wrong = new Intervention([new StateEdit(0, EditKind.Add, [1], zeros(1, 7).DetachFromDisposeScope())]);
        var settings = new GenerationSettings { MaxNewTokens = 3 };
        GenerationRequest[] requests = [Request(prompt, settings), new(prompt, wrong, settings)];
        FluentActions.Invoking(() => Generator.Generate(requests)).Should().Throw<Exception>();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        FluentActions.Invoking(() => Generator.Generate(requests)).Should().Throw<Exception>();

        DisposeScopeManager.Statistics.ThreadTotalLiveCount.Should().Be(before);
    }

    [Test]
    public void Generate_Cancelled_EndsWithinAToken_AndLeavesNoTensorsBehind()
    {
        using var inputs = Tiny.Prompt();
        using var prompt = EncodedPrompt.Encode(Model, inputs);
        using var cancel = new CancellationTokenSource();
        var endless = new TextGenerator(Model, []);
        endless.Generate(Request(prompt, new() { MaxNewTokens = 2 }));
        var (tensors, prefilled) = (DisposeScopeManager.Statistics.ThreadTotalLiveCount, Model.LayerPositions);

        var interrupter = Task.Run(() =>
        {
            // Ten tokens after the prefill, which runs every layer over the prompt.
            SpinWait.SpinUntil(() => Model.LayerPositions > prefilled + Model.Layers * (inputs.Length + 10));
            cancel.Cancel();
            return Model.LayerPositions;
        });
        FluentActions.Invoking(() => endless.Generate(Request(prompt, new() { MaxNewTokens = 20_000 }), cancel.Token))
            .Should().Throw<OperationCanceledException>();

        (Model.LayerPositions - interrupter.Result).Should().BeLessThanOrEqualTo(Model.Layers, "no second token was begun");
        DisposeScopeManager.Statistics.ThreadTotalLiveCount.Should().Be(tensors);
    }

    [Test]
    public void Generate_CancelledBefore_RunsNoLayer()
    {
        using var inputs = Tiny.Prompt();
        using var prompt = EncodedPrompt.Encode(Model, inputs);
        var before = Model.LayerPositions;

        FluentActions.Invoking(() => Generator.Generate(Request(prompt, new()), new CancellationToken(canceled: true)))
            .Should().Throw<OperationCanceledException>();

        Model.LayerPositions.Should().Be(before);
    }

    [Test]
    public void Generate_OfAPromptThatAnotherModelEncoded_SaysWhoMust()
    {
        using var other = Tiny.Model(6);
        using var inputs = Tiny.Prompt();
        using var own = EncodedPrompt.Encode(Model, inputs);
        using var foreign = EncodedPrompt.Encode(other, inputs);

        FluentActions.Invoking(() => Generator.Generate([Request(own, new()), Request(foreign, new())]))
            .Should().Throw<ArgumentException>().WithMessage("*Request 1*another model*prepared.Answerer*");
    }

    [Test]
    public void OnToken_SeesEveryTokenAsItIsChosen_StepByStep()
    {
        using var inputs = Tiny.Prompt();
        using var prompt = EncodedPrompt.Encode(Model, inputs);
        var seen = new List<GeneratedToken>();
        var watched = new TextGenerator(Model, [3, 7]) { OnToken = seen.Add };
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
}
