using System.Text.Json;
using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Tests.Agents;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary>Runs and commands of conversations, on the pair that ships: it has learnt no calls, and answers in one turn.</summary>
public sealed class AgentRunTests : CommandTest
{
    private static readonly string[] s_run =
    [
        "run", "--dataset", "counting:test:3", "--tool", "zoom,none", "--methods", "replay", "--max-new-tokens", "12", "--batch", "2", "--context", "4000",
        "--set", "replay.iterations=2", "--set", "replay.cross-layers=2",
    ];

    private readonly SharedRuns shared = new();

    [OneTimeTearDown]
    public void DeleteRuns() => shared.Dispose();

    [Test]
    public async Task Run_OfConversations_HasACellATool_AndTheirColumns()
    {
        var run = await shared.Of("whole", s_run);

        var samples = CsvTable.Read<SampleRow>(Path.Combine(run, "samples.csv"));
        samples.Select(s => s.Cell).Distinct().Should().Equal("base", "none", "replay", "base tool=none", "none tool=none", "replay tool=none");
        samples.Should().HaveCount(18).And.OnlyContain(s => s.Agent!.Turns >= 1 && s.Agent.Ended != null && s.Agent.TurnTokens != null && s.NewTokens > 0);
        samples.Select(s => s.Settings.Tool).Distinct().Should().Equal("zoom", "none");
        // The system message of our own tells the two apart.
        samples.Where(s => s.Cell == "none").Zip(samples.Where(s => s.Cell == "none tool=none")).Should().OnlyContain(p => p.First.PromptTokens > p.Second.PromptTokens);
        File.ReadAllText(Path.Combine(run, "agents.csv")).Should().Contain("tool_difference").And.Contain("replay tool=none");
        File.ReadAllText(Path.Combine(run, "summary.md")).Should().Contain("## Conversations");
        File.ReadAllText(Path.Combine(run, "report.html")).Should().NotBeEmpty();
    }

    [Test]
    public async Task Run_ThatWasTorn_GoesOnToTheSameTables()
    {
        await shared.CopyTo(Folder.PathOf("torn"), "whole", s_run);
        var journal = RunFolder.Journal(Folder.PathOf("torn"));
        var bytes = File.ReadAllBytes(journal);
        File.WriteAllBytes(journal, bytes[..(bytes.Length * 2 / 3)]);

        (await Invoke([.. s_run, "--out", Folder.PathOf("torn"), "--models", "one"])).Should().Be(ExitCode.Success, Errors);

        Answers(Folder.PathOf("torn")).Should().Equal(Answers(await shared.Of("whole", s_run)));

        static IEnumerable<string> Answers(string run) => CsvTable.Read<SampleRow>(Path.Combine(run, "samples.csv"))
            .Select(s => $"{s.Cell} {s.Sample} {s.Output} {s.Extracted} {s.Agent!.TurnTokens} {s.Agent.Ended} {s.LossFirst} {s.LossLast}");
    }

    [Test]
    public async Task Run_OfAQuestionWithTwoPictures_HasItsErrorInEveryCell()
    {
        File.WriteAllBytes(Folder.PathOf("a.png"), PngEncoder.Encode(Scripted.Picture));
        File.WriteAllText(Folder.PathOf("q.jsonl"), """
            {"id": "two", "question": "How many?", "answer": "1", "images": ["a.png", "a.png"], "agent": true}
            {"id": "one", "question": "How many?", "answer": "1", "images": ["a.png"], "agent": true}
            """);

        (await Invoke("run", "--dataset", Folder.PathOf("q.jsonl"), "--methods", "none", "--max-new-tokens", "4", "--context", "4000", "--out", Folder.PathOf("run")))
            .Should().Be(ExitCode.RowsFailed, Errors);

        var samples = CsvTable.Read<SampleRow>(Path.Combine(Folder.PathOf("run"), "samples.csv"));
        samples.Where(s => s.Sample == "two").Should().HaveCount(2).And.OnlyContain(s => s.Error!.Contains("2 pictures"));
        samples.Where(s => s.Sample == "one").Should().HaveCount(2).And.OnlyContain(s => s.Error == null && s.Settings.Tool == "zoom");
    }

    [Test]
    public async Task Run_OfAGradedQuestion_ScoresWhatTheConversationAnswers()
    {
        File.WriteAllBytes(Folder.PathOf("a.png"), PngEncoder.Encode(Scripted.Picture));
        File.WriteAllText(Folder.PathOf("q.jsonl"), """
            {"id": "far", "question": "How many red triangles are there?", "answer": "1000", "problem_type": "regression", "images": ["a.png"], "agent": true}
            """);

        (await Invoke("run", "--dataset", Folder.PathOf("q.jsonl"), "--methods", "none", "--max-new-tokens", "12", "--context", "4000", "--out", Folder.PathOf("run")))
            .Should().Be(ExitCode.Success, Errors);

        var samples = CsvTable.Read<SampleRow>(Path.Combine(Folder.PathOf("run"), "samples.csv"));
        samples.Should().HaveCount(2).And.OnlyContain(s => s.Score >= 0 && s.Score < 1 && s.Correct == false && s.Agent!.Turns == 1);
    }

    [Test]
    public async Task Agent_PrintsTheTurns_AndSavesThem()
    {
        File.WriteAllBytes(Folder.PathOf("a.png"), PngEncoder.Encode(Scripted.Picture));

        (await Invoke("agent", Folder.PathOf("a.png"), "How many red triangles are there?", "--method", "none", "--max-new-tokens", "8", "--context", "4000", "--out", Folder.PathOf("talk")))
            .Should().Be(ExitCode.Success, Errors);

        Printed.Should().Contain("turn 1 (").And.Contain("ended: no-call");
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder.PathOf("talk"), "conversation.json")));
        json.RootElement.GetProperty("turns").GetArrayLength().Should().Be(1);
        json.RootElement.GetProperty("tool").GetString().Should().Be("zoom");
    }

    [Test]
    public async Task Agent_WithoutRoom_SaysSoBeforeATurn()
    {
        File.WriteAllBytes(Folder.PathOf("a.png"), PngEncoder.Encode(Scripted.Picture));

        (await Invoke("agent", Folder.PathOf("a.png"), "How many?", "--method", "none", "--context", "50")).Should().Be(ExitCode.Success, Errors);

        Printed.Should().Contain("ended: context-used-up; 0 turns");
    }
}
