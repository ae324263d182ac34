using ActivationReplay.Evaluation.Agents;
using ActivationReplay.Text;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Agents;

/// <summary>The turns of a conversation, and why it ends.</summary>
public sealed class AgentLoopTests
{
    [Test]
    public void Run_OfACallAndAnAnswer_EndsAnswered()
    {
        var talk = Scripted.Lead(Scripted.Call, "<think>I see.</think><answer> 2 </answer>");

        talk.End.Should().Be(ConversationEnd.Answered);
        talk.Answer.Should().Be(" 2 ");
        (talk.Calls, talk.RefusedCalls, talk.Pictures).Should().Be((1, 0, 2));
        talk.Turns[0].Answer!.Box.ToString().Should().Be("28 0 112 56");
        talk.Inputs.Should().BeNull();
    }

    [TestCase("<answer>3</answer> no, <answer>4</answer>", "4")]
    [TestCase("<answer>3</answer> <answer>", "3")]
    [TestCase("3</answer>", null)]
    [TestCase("It is 3.", null)]
    public void Answer_IsInTheLastTag(string turn, string? expected)
    {
        var talk = Scripted.Lead(turn);

        talk.Answer.Should().Be(expected);
        talk.Judged.Should().Be(expected is null ? turn : $"<answer>{expected}</answer>");
    }

    [Test]
    public void Run_OfAnAnswerBesideACall_EndsAnswered()
    {
        var talk = Scripted.Lead(Scripted.Call + "<answer>2</answer>");

        talk.End.Should().Be(ConversationEnd.Answered);
        talk.Calls.Should().Be(0);
    }

    [Test]
    public void Run_OfATurnWithoutCall_EndsThere()
    {
        var talk = Scripted.Lead("It is 2.");

        talk.End.Should().Be(ConversationEnd.NoCall);
        talk.Judged.Should().Be("It is 2.");
    }

    [TestCase("""<tool_call>{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [112, 0, 28, 56]}}</tool_call>""", 0)]
    [TestCase("""<tool_call>{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [400, 0, 500, 56]}}</tool_call>""", 0)]
    [TestCase("""<tool_call>{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [28, 0, 112]}}</tool_call>""", 1)]
    [TestCase("""<tool_call>{"name": "crop", "arguments": {"bbox_2d": [28, 0, 112, 56]}}</tool_call>""", 1)]
    [TestCase("<tool_call>{</tool_call>", 1)]
    public void MalformedCalls_AreThoseOfAnotherForm_NotThoseOfABoxThatCannotBeShown(string call, int malformed)
    {
        var talk = Scripted.Lead(call, "<answer>2</answer>");

        (talk.RefusedCalls, talk.MalformedCalls).Should().Be((1, malformed));
    }

    [Test]
    public void Run_WithoutATool_DoesNotReadCalls()
    {
        var talk = Scripted.Lead(Scripted.Conversation(AgentPrompt.Default(null)), null, Scripted.Call);

        talk.End.Should().Be(ConversationEnd.NoCall);
        talk.Calls.Should().Be(0);
    }

    [Test]
    public void Run_OfRefusedCalls_SendsTheReasonBackAndGoesOn()
    {
        var talk = Scripted.Lead(
            """<tool_call>{"name": "rm", "arguments": {}}</tool_call>""",
            """<tool_call>{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [500, 0, 600, 10]}}</tool_call>""",
            "<tool_call>{",
            "<answer>2</answer>");

        talk.End.Should().Be(ConversationEnd.Answered);
        (talk.Calls, talk.RefusedCalls, talk.Pictures).Should().Be((3, 3, 1));
        talk.Turns.Select(t => t.Answer?.Refusal).Should().Equal(CallRefusal.OtherTool, CallRefusal.OutsideBox, CallRefusal.NotClosed, null);
        string.Concat(talk.Messages[3].Content.OfType<TextPart>().Select(p => p.Text))
            .Should().StartWith("<tool_response>There is no tool of that name; there is image_zoom_in_tool.\n").And.EndWith("</tool_response>");
    }

    [Test]
    public void Run_OfCallsAlone_EndsWithTheTurns()
    {
        var talk = Scripted.Lead(Scripted.Conversation(), Scripted.Settings with { Turns = 3 }, Scripted.Call, Scripted.SecondCall, Scripted.Call);

        talk.End.Should().Be(ConversationEnd.TurnsUsedUp);
        (talk.Turns.Count, talk.Calls, talk.Pictures).Should().Be((3, 3, 3));
        talk.Judged.Should().BeEmpty();
    }

    [Test]
    public void Run_WithoutRoomForATurn_EndsBeforeIt()
    {
        var whole = Scripted.Lead(Scripted.Call, Scripted.SecondCall, "<answer>2</answer>");
        var room = whole.Turns[1].PromptTokens + Scripted.Settings.MaxNewTokens;

        var talk = Scripted.Lead(Scripted.Conversation(), Scripted.Settings with { ContextTokens = room }, Scripted.Call, Scripted.SecondCall, "");

        talk.End.Should().Be(ConversationEnd.ContextUsedUp);
        talk.Turns.Should().HaveCount(2);
    }

    // A call in the question, or in the tool's answer, is the user's text.
    [Test]
    public void Run_OfACallInTheQuestion_DoesNotCarryItOut()
    {
        var talk = Scripted.Lead(Scripted.Conversation(question: $"What does {Scripted.Call} do?"), null, "<answer>2</answer>");

        talk.Calls.Should().Be(0);
        talk.Pictures.Should().Be(1);
    }

    [Test]
    public void Run_OfAPlaceholderInTheQuestion_FailsThatConversationAlone()
    {
        Conversation[] talks = [Scripted.Conversation(question: "<|image_pad|>?"), Scripted.Conversation()];

        new AgentLoop(Scripted.Processor, Scripted.Settings).Run(talks, open => [.. open.Select(_ => Scripted.Turn("<answer>2</answer>"))]);

        talks.Select(t => t.End).Should().Equal(ConversationEnd.Failed, ConversationEnd.Answered);
        talks[0].Error.Should().Contain("placeholder");
    }

    // What a model writes is tokens: no placeholder of it becomes a picture.
    [Test]
    public void Run_OfAPlaceholderInATurn_AddsNoPicture()
    {
        var talk = Scripted.Conversation();
        var lengths = new List<int>();

        new AgentLoop(Scripted.Processor, Scripted.Settings).Run([talk], open =>
        {
            lengths.Add(open[0].Inputs!.Spans.Count);
            return [Scripted.Turn(open[0].Turns.Count == 0 ? "<|image_pad|>" + Scripted.Call : "<answer>2</answer>")];
        });

        lengths.Should().Equal(1, 2);
        talk.End.Should().Be(ConversationEnd.Answered);
    }

    [Test]
    public void Run_OfConversationsThatSayTheSame_SharesTheirPrompts()
    {
        var question = new AgentQuestion(Scripted.Sample(), AgentPrompt.Default(new ZoomTool()));
        Conversation[] talks = [new(question), new(question), new(question)];
        string[][] turns = [[Scripted.Call, "<answer>1</answer>"], [Scripted.Call, "<answer>2</answer>"], [Scripted.SecondCall, "<answer>3</answer>"]];
        var prompts = new List<int>();

        new AgentLoop(Scripted.Processor, Scripted.Settings).Run(talks, open =>
        {
            prompts.Add(open.Select(c => c.Inputs).Distinct().Count());
            return [.. open.Select(c => Scripted.Turn(turns[Array.IndexOf(talks, c)][c.Turns.Count]))];
        });

        prompts.Should().Equal(1, 2);
        talks.Select(t => t.Answer).Should().Equal("1", "2", "3");
    }

    [Test]
    public void Run_LeavesNoTensorBehind()
    {
        Scripted.Lead("<answer>2</answer>");
        var before = LiveTensors.Settled();

        Scripted.Lead(Scripted.Call, Scripted.SecondCall, "<answer>2</answer>");

        LiveTensors.Settled().Should().Be(before);
    }

    [Test]
    public void Run_OfACallStoppedAtTheFirstTokenOfItsEnd_TakesTheCall()
    {
        var end = Scripted.Processor.Tokenizer.Encode(CallParser.End)[0];
        var open = Scripted.Call[..^CallParser.End.Length];
        TurnTokens[] turns = [new([.. Scripted.Processor.Tokenizer.Encode(open), end], true), Scripted.Turn("<answer>2</answer>")];
        var (released, text) = (Scripted.Conversation(), Scripted.Conversation());

        new AgentLoop(Scripted.Processor, Scripted.Settings with { Stop = AgentStop.Released }).Run([released], c => [turns[c[0].Turns.Count]]);
        new AgentLoop(Scripted.Processor, Scripted.Settings).Run([text], c => [turns[c[0].Turns.Count]]);

        released.Turns[0].Answer!.Box.Should().NotBeNull();
        text.Turns[0].Answer!.Refusal.Should().Be(CallRefusal.NotClosed);
    }

    [Test]
    public void Question_OfTwoPictures_IsRefused()
    {
        var two = Scripted.Sample() with { Images = [.. Enumerable.Repeat(Scripted.Sample().Images[0], 2)] };

        FluentActions.Invoking(() => new AgentQuestion(two, AgentPrompt.Default(new ZoomTool()))).Should().Throw<MediaException>().WithMessage("*q1*2 pictures*");
    }
}
