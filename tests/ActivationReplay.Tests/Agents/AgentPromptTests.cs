using ActivationReplay.Evaluation.Agents;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Inputs;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Agents;

/// <summary>The prompt of a conversation against one that is written out by hand from the template's rules.</summary>
public sealed class AgentPromptTests
{
    private const string Pad = "<|image_pad|>";

    private static readonly AgentPrompt s_own = new(
        new ZoomTool(), "Use the tool.", PromptTemplate.Parse("{question}\n{options}\nThink, then call or answer."));

    // The picture is 4 × 3 tokens; the first part is 84 × 56 pixels, 3 × 2 tokens, the second likewise.
    [Test]
    public void Prompt_OfThreeTurnsAndTwoParts_EqualsTheOneByHand()
    {
        const string First = "<think>Small.</think>" + Scripted.Call;
        const string Second = Scripted.SecondCall;
        var byHand =
            "<|im_start|>system\nUse the tool.<|im_end|>\n"
            + $"<|im_start|>user\n<|vision_start|>{Pads(12)}<|vision_end|>How many?\nThink, then call or answer.<|im_end|>\n"
            + $"<|im_start|>assistant\n{First}<|im_end|>\n"
            + $"<|im_start|>user\n<tool_response><|vision_start|>{Pads(6)}<|vision_end|>\nThink, then call or answer.</tool_response><|im_end|>\n"
            + $"<|im_start|>assistant\n{Second}<|im_end|>\n"
            + $"<|im_start|>user\n<tool_response><|vision_start|>{Pads(6)}<|vision_end|>\nThink, then call or answer.</tool_response><|im_end|>\n"
            + "<|im_start|>assistant\n";
        using var prompt = LastPrompt(Scripted.Conversation(s_own), First, Second, "<answer>2</answer>");

        prompt.Ids.Should().Equal(Scripted.Processor.Tokenizer.Encode(byHand));
        prompt.Spans.Select(s => (s.H, s.W)).Should().Equal((3, 4), (2, 3), (2, 3));
    }

    // The same conversation as one prompt of messages: pixels and positions, too.
    [Test]
    public void Prompt_OfALaterTurn_EqualsTheWholeConversationPreparedAtOnce()
    {
        var talk = Scripted.Conversation(s_own);
        using var prompt = LastPrompt(talk, Scripted.Call, Scripted.SecondCall, "<answer>2</answer>");
        using var whole = Scripted.Processor.Prepare(talk.Messages, Scripted.Settings.Limits);

        whole.Ids.Should().Equal(prompt.Ids);
        whole.Spans.Should().Equal(prompt.Spans);
        whole.RopeDelta.Should().Be(prompt.RopeDelta);
        for (var axis = 0; axis < 3; axis++)
        {
            whole.Positions[axis].Should().Equal(prompt.Positions[axis]);
        }

        whole.Pixels!.Equals(prompt.Pixels!).Should().BeTrue();
    }

    // The second turn's prompt begins with the first turn's and what was generated, token for token.
    [Test]
    public void Prompt_OfATurn_ContinuesTheOneBefore()
    {
        var prompts = new List<IReadOnlyList<int>>();
        var talk = Scripted.Conversation(s_own);
        // Spelled in single letters, as no tokenizer would write it.
        int[] spelled = [.. Scripted.Call.SelectMany(c => Scripted.Processor.Tokenizer.Encode(c.ToString()))];

        new AgentLoop(Scripted.Processor, Scripted.Settings).Run([talk], open =>
        {
            prompts.Add(open[0].Inputs!.Ids);
            return [prompts.Count == 1 ? new TurnTokens(spelled, true) : Scripted.Turn("<answer>2</answer>")];
        });

        prompts[1].Take(prompts[0].Count + spelled.Length).Should().Equal([.. prompts[0], .. spelled]);
        talk.Turns[0].Text.Should().Be(Scripted.Call);
        talk.Turns.Select(t => t.PromptTokens).Should().Equal(prompts.Select(p => p.Count));
    }

    [Test]
    public void Default_NamesTheToolAndTheFormOfACall()
    {
        var system = AgentPrompt.DefaultSystem(new ZoomTool());

        system.Should().Contain("image_zoom_in_tool").And.Contain("bbox_2d").And.Contain("<tool_call>{\"name\": \"image_zoom_in_tool\", \"arguments\": ");
        AgentPrompt.DefaultSystem(null).Should().NotContain("tool");
        AgentPrompt.DefaultTemplate(null).Should().NotContain("tool_call");
    }

    [TestCase("{question}\nThink.\nAnswer {{so}}.", "\nThink.\nAnswer {so}.")]
    [TestCase("{question}\n{options}\n\n\nThink.\n\nAnswer.", "\nThink.\n\nAnswer.")]
    [TestCase("Look.\n{question}\n{options}", "")]
    [TestCase("Look.\n{question} Think.", "")]
    public void AfterQuestion_IsWhatFollowsTheLastPlaceholder(string template, string expected) =>
        PromptTemplate.Parse(template).AfterQuestion.Should().Be(expected);

    private static ModelInputs LastPrompt(Conversation talk, params string[] turns)
    {
        ModelInputs? last = null;
        new AgentLoop(Scripted.Processor, Scripted.Settings).Run([talk], open =>
        {
            last?.Dispose();
            var now = open[0].Inputs!;
            last = new ModelInputs(now.Ids, now.Pixels!.alias(), now.Grids, now.Spans, now.Positions);
            return [Scripted.Turn(turns[open[0].Turns.Count])];
        });
        return last!;
    }

    private static string Pads(int count) => string.Concat(Enumerable.Repeat(Pad, count));
}
