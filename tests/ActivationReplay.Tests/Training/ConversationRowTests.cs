using ActivationReplay.Checkpoints;
using ActivationReplay.Evaluation.Agents;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Training.Data;
using ActivationReplay.Training.Stages;
using ActivationReplay.Training.Tasks;
using ActivationReplay.Training.Tasks.Zooming;
using ActivationReplay.Training.Weights;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Training;

/// <summary>A trained row is the conversation that the agents' loop leads, token for token and number for number.</summary>
public sealed class ConversationRowTests
{
    private static readonly string s_folder = Path.Combine(Goldens.Repository, "ablations", "configs", "zooming-model");
    private static readonly string[] s_said =
    [
        """<tool_call>{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [84,0,168,84]}}</tool_call>""",
        """<tool_call>{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [0,42,84,126]}}</tool_call>""",
        "<answer>7</answer>",
    ];

    private ModelConfig config = null!;
    private Processor processor = null!;
    private FlatWeights weights = null!;
    private Workers workers = null!;
    private IReadOnlyList<int> stops = null!;

    [OneTimeSetUp]
    public void Load()
    {
        config = ModelConfig.Load(s_folder);
        processor = Processor.Load(s_folder, config);
        weights = FlatWeights.Initialise(config, 5);
        workers = new Workers(1, config, weights, ProductPrecision.Fp32, trainable: false);
        stops = EosTokens.Read(s_folder, config.Text.VocabularySize);
    }

    [OneTimeTearDown]
    public void Free()
    {
        workers.Dispose();
        weights.Dispose();
    }

    [Test]
    public void Row_OfAWrittenConversation_IsThePromptOfTheLoop()
    {
        var problem = ZoomProblem.Create(new ZoomSettings(), 7, ProblemSplit.Test, 3);
        var picture = ZoomPainter.Paint(problem.Scene);
        using var format = new ConversationFormat(processor, ZoomPrompt.WithTool, stops[0]);
        PictureBox[] boxes = [new(84, 0, 168, 84), new(0, 42, 84, 126)];
        var written = format.Row(2, ZoomProblem.QuestionOf(problem.Asked), picture, [new(s_said[0], boxes[0]), new(s_said[1], boxes[1]), new(s_said[2], null)]);

        using var prompt = LoopPrompt(problem.ToSample());

        int[] answer = [.. processor.Tokenizer.Encode(s_said[2]), stops[0]];
        var cut = format.Prefix.Length;
        written.Row.Picture.Should().Be(2);
        written.Row.Ids.Should().Equal([.. prompt.Ids.Skip(cut), .. answer]);
        written.Row.Trained.Select(range => processor.Tokenizer.Decode(written.Row.Ids.Take(range).ToArray())).Should().Equal(s_said);
        written.Row.Trained[^1].End.Value.Should().Be(written.Row.Ids.Count);
        written.Row.Positions!.Select(axis => axis.Take(prompt.Length - cut)).Should().BeEquivalentTo(prompt.Positions.Select(axis => axis.Skip(cut)), o => o.WithStrictOrdering());
        written.Row.Positions![1][^1].Should().Be(prompt.Length + answer.Length - 1 + prompt.RopeDelta);
        written.Shown.Should().Equal((prompt.Spans[1].Start - cut, 9), (prompt.Spans[2].Start - cut, 9));
        var seen = prompt.Grids[0].Count;
        using var parts = prompt.Pixels!.narrow(0, seen, prompt.Pixels.shape[0] - seen);
        written.Pixels!.equal(parts).all().item<bool>().Should().BeTrue();
        written.Pixels!.Dispose();
    }

    [Test]
    public void LogProbabilities_OfARow_AreThoseOfTheWholeConversation()
    {
        var problem = ZoomProblem.Create(new ZoomSettings(), 7, ProblemSplit.Test, 3);
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var format = new ConversationFormat(processor, ZoomPrompt.WithTool, stops[0]);
        var model = workers.Models[0];
        using var prompt = LoopPrompt(problem.ToSample());
        using var encoded = EncodedPrompt.Encode(model, prompt);
        int[] answer = [.. processor.Tokenizer.Encode(s_said[2]), stops[0]];
        using var whole = processor.Continue(prompt, s_said[2] + "<|im_end|>");
        whole.Ids.Skip(prompt.Length).Should().Equal(answer);
        var logits = ForwardPass.Logits(model, model.Embed(whole, encoded.Features), whole).log_softmax(-1);
        PictureBox[] boxes = [new(84, 0, 168, 84), new(0, 42, 84, 126)];
        var written = format.Row(0, ZoomProblem.QuestionOf(problem.Asked), ZoomPainter.Paint(problem.Scene), [new(s_said[0], boxes[0]), new(s_said[1], boxes[1]), new(s_said[2], null)]);
        var row = written.With(encoded.Features!.narrow(0, 16, 18));
        var plain = format.Row(0, "What is where?", ZoomPainter.Paint(problem.Scene), [new("it", null)]).Row; // of another length: padding must not count

        var batch = new TrainingBatch(format.Prefix, encoded.Features!.narrow(0, 0, 16).unsqueeze(0), [plain, row]);
        var found = workers.LogProbabilities(batch)[1];

        var expected = row.Trained.SelectMany(range => Enumerable.Range(range.Start.Value, range.End.Value - range.Start.Value))
            .Select(t => logits[format.Prefix.Length + t - 1, row.Ids[t]].item<float>()).ToArray();
        found.Should().HaveCount(expected.Length);
        // fp32 sums in another order.
        found.Zip(expected, (a, b) => Math.Abs(a - b)).Max().Should().BeLessThan(1e-4f);
    }

    [Test]
    public void Sample_OfProblems_GivesRowsOfWhatWasSaid_AndThePicturesThatWereShown()
    {
        using var task = new ZoomingTask(new ZoomSettings(), new ZoomSettings(), 7, 3, processor, stops);
        var settings = new GenerationSettings { Temperature = 1, MaxNewTokens = 6, Samples = 2, Seed = 1 };

        var groups = task.Sample(workers.Models, ProblemSplit.Reinforcement, 4, 3, settings, keepRows: true, CancellationToken.None);

        groups.Should().HaveCount(3);
        foreach (var group in groups)
        {
            group.Rows.Should().HaveCount(2);
            group.Features!.shape.Should().Equal(16, config.Text.HiddenSize);
            group.Rows.Sum(r => r.AnswerLength).Should().Be((int)(group.Tokens * 2));
            group.Dispose();
        }
    }

    private ModelInputs LoopPrompt(Sample sample)
    {
        var conversation = new Conversation(new AgentQuestion(sample, ZoomPrompt.WithTool));
        var turn = 0;
        ModelInputs? last = null;
        var settings = new AgentSettings { Turns = 3, MaxNewTokens = 32, ContextTokens = config.Text.MaxPositions };
        new AgentLoop(processor, settings).Run([conversation], open =>
        {
            var inputs = open[0].Inputs!;
            last = new ModelInputs(inputs.Ids, inputs.Pixels!.clone(), inputs.Grids, inputs.Spans, inputs.Positions);
            return [new TurnTokens([.. processor.Tokenizer.Encode(s_said[turn++])], true)];
        });
        conversation.End.Should().Be(ConversationEnd.Answered);
        conversation.Answer.Should().Be("7");
        return last!;
    }
}
