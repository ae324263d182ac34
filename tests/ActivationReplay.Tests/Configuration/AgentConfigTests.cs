using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Evaluation.Agents;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Configuration;

/// <summary>Conversations in a configuration: their tools, their prompts, and what turns them on.</summary>
public sealed class AgentConfigTests : ConfigurationTest
{
    [Test]
    public void Tools_MakeCellsOfTheirOwn_AndTheFirstKeepsTheNames()
    {
        var config = Read("""
            methods: [replay]
            agent:
              tool: [zoom, none]
              turns: 4
              stop: released
              coordinates: seen
            """);

        config.Cells.Select(c => (c.Id, c.Tool)).Should().Equal(
            ("base", "zoom"), ("none", "zoom"), ("replay", "zoom"), ("base tool=none", "none"), ("none tool=none", "none"), ("replay tool=none", "none"));
        config.Agent.Should().Be(new AgentConfig(4, AgentStop.Released, BoxCoordinates.Seen, OwnSystem: true, HasTool: true));
        Read("methods: [replay]").Cells.Should().OnlyContain(c => c.Tool == null);
    }

    [TestCase("agent:\n  tool: hammer", "*agent.tool*hammer*zoom, none*")]
    [TestCase("agent:\n  turns: 3", "*agent.turns*agent.tool*")]
    [TestCase("agent:\n  tool: zoom\n  turns: 0", "*agent.turns*from 1*")]
    [TestCase("agent:\n  tool: zoom\n  stop: never", "*agent.stop*text, released*")]
    public void Read_OfAWrongAgent_SaysWhatIsAllowed(string yaml, string message) =>
        FluentActions.Invoking(() => Read(yaml)).Should().Throw<ConfigurationException>().WithMessage(message);

    // A system message from a file tells of the tool: a cell without one is asked without it.
    [Test]
    public void Prompt_OfACellWithoutTheTool_HasNoSystemMessageOfAFile()
    {
        File.WriteAllText(Path.Combine(Folder, "s.txt"), "Use the tool.");
        var both = Read("agent:\n  tool: [zoom, none]\nprompt:\n  system-prompt-file: s.txt");
        var alone = Read("agent:\n  tool: none\nprompt:\n  system-prompt-file: s.txt");

        both.Agent!.Prompt(both, both.Cells[0]).System.Should().Be("Use the tool.");
        both.Agent.Prompt(both, both.Cells[^1]).System.Should().BeNull();
        alone.Agent!.Prompt(alone, alone.Cells[0]).System.Should().Be("Use the tool.");
    }

    [TestCase("true", "true", "zoom")]
    [TestCase("false", "false", null)]
    [TestCase("true", "false", "*1 of 2 rows*agent*")]
    public void Read_OfRowsThatAskForAnAgent_NeedsNoKey(string first, string second, string? expected)
    {
        var file = Path.Combine(Folder, "q.jsonl");
        File.WriteAllText(file, $$"""
            {"question": "q", "answer": "a", "agent": {{first}}}
            {"question": "q", "answer": "a", "agent": {{second}}}
            """);

        if (first == second)
        {
            Read("dataset:\n  path: q.jsonl").Cells.Should().OnlyContain(c => c.Tool == expected);
        }
        else
        {
            FluentActions.Invoking(() => Read("dataset:\n  path: q.jsonl")).Should().Throw<ConfigurationException>().WithMessage(expected!);
        }
    }
}
