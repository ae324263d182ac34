using System.Text.RegularExpressions;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Agents;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Tests.Agents;
using ActivationReplay.Tests.Checkpoints;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Reports;

/// <summary>What tables and report say of conversations.</summary>
public sealed class AgentTablesTests
{
    private static readonly (string Id, string Method)[] s_methods = [("base", "base"), ("none", "none"), ("replay", "replay")];

    // Each method with the tool, then without.
    private static RunManifest Manifest(string dataset = "gone.jsonl")
    {
        var manifest = FakeRun.Manifest(dataset, 1, s_methods);
        return manifest with
        {
            Config = manifest.Config with
            {
                Agent = new AgentConfig(11, AgentStop.Text, BoxCoordinates.Released, OwnSystem: true, HasTool: true),
                Cells = [.. manifest.Config.Cells.Select(c => c with { Tool = "zoom" }), .. manifest.Config.Cells.Select(c => c with { Id = $"{c.Id} tool=none", Tool = "none" })],
            },
        };
    }

    [Test]
    public void Columns_OfAConversation_HaveCallsBoxesAndItsEnd()
    {
        var talk = Scripted.Lead(Scripted.Call, "<tool_call>x</tool_call>", Scripted.SecondCall, "<answer>2</answer>");

        var columns = AgentColumns.Of(talk);

        (columns.Turns, columns.Calls, columns.RefusedCalls).Should().Be((4, 3, 1));
        columns.Boxes.Should().Be("28 0 112 56; 0 28 84 84");
        columns.Refusals.Should().Be("not-json");
        columns.TurnTokens!.Split("; ").Select(int.Parse).Should().Equal(talk.Turns.Select(t => t.Tokens.Ids.Count));
        columns.Ended.Should().Be("answered");
        TurnEntry.Of(talk.Turns[0]).Box.Should().Equal(28, 0, 112, 56);
        TurnEntry.Of(talk.Turns[1]).Refusal.Should().Be("not-json");
    }

    [Test]
    public void Agents_AreCountedByCell_AndComparedWithTheSameCellWithoutTheTool()
    {
        var manifest = Manifest();
        // With the tool two of four are right, both after a call; a third call is wrong; without the tool one is right.
        JournalEntry[] entries =
        [
            Entry(manifest, "none", 0, true, calls: 1), Entry(manifest, "none", 1, true, calls: 2, refused: 1),
            Entry(manifest, "none", 2, false, calls: 1), Entry(manifest, "none", 3, false, calls: 1, refused: 1, end: "no-call"),
            .. Enumerable.Range(0, 4).Select(i => Entry(manifest, "none tool=none", i, i == 0, end: "answered")),
            .. Enumerable.Range(0, 4).Select(i => Entry(manifest, "replay tool=none", i, i < 3, end: "answered")),
        ];

        var report = RunReport.Of(manifest.Config, entries);

        var row = report.Agents.Single(a => a.Cell == "none");
        (row.AfterCall, row.AfterCallAccuracy, row.WithoutCall, row.WithoutCallAccuracy, row.WrongCall).Should().Be((3, 2 / 3.0, 1, 0.0, 1));
        (row.Calls, row.Refused, row.Answered, row.NoCall).Should().Be((1.25, 0.4, 0.75, 0.25));
        row.ToNoTool!.Difference.Should().Be(0.25);
        report.Agents.Single(a => a.Cell == "none tool=none").ToNoTool.Should().BeNull();
        // A cell without the tool is compared with RLVR without it.
        report.Cells.Single(c => c.Cell == "replay tool=none").ToRlvr!.Difference.Should().Be(0.5);
        report.Cells.Single(c => c.Cell == "none tool=none").ToRlvr.Should().BeNull();
    }

    [Test]
    public void Categories_AreListedByBoth_AndNotWhereThereIsOne()
    {
        var manifest = Manifest();
        JournalEntry[] entries = [.. Enumerable.Range(0, 4).Select(i => Entry(manifest, "none", i, i < 2)).Select((e, i) => e with
        {
            Row = e.Row with { Family = i < 2 ? "single" : "cross", Cycle = "0" },
        })];

        var rows = RunReport.Of(manifest.Config, entries).Categories;

        rows.Select(r => (r.By, r.Category, r.Questions, r.Accuracy)).Should().Equal(("category", "cross", 2, 0.0), ("category", "single", 2, 1.0));
    }

    [Test]
    public void Published_IsOfTheMethodThatIsNamed_WithTheToolAlone()
    {
        var published = new PublishedConfig([new PublishedNumbers("X", 0.1, 0.2, 0.3)], Benchmark: "X", Method: "cross-model");

        (published.Of("cross-model", "zoom"), published.Of("replay", "zoom"), published.Of("none", "none"), published.Of("none", null))
            .Should().Be((0.3, null, null, 0.2));
    }

    [Test]
    public void Page_ShowsTheTurnsWithBoxesAndParts_SideBySide()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder.PathOf("0.png"), PngEncoder.Encode(Scripted.Picture));
        File.WriteAllText(folder.PathOf("q.jsonl"), """{"id": "0", "question": "How many?", "images": ["0.png"], "answer": "4"}""");
        var manifest = Manifest(folder.PathOf("q.jsonl"));
        var row = Dataset.Open(folder.PathOf("q.jsonl"))[0];
        JournalEntry[] entries =
        [
            FakeRun.Entry(manifest, "none", 0, false, row: row) with { Turns = [new TurnEntry("<tool_call>x", null, "not-json", "The call is no valid JSON <b>"), new TurnEntry("<answer>3</answer>")] },
            FakeRun.Entry(manifest, "replay", 0, true, row: row) with { Turns = [new TurnEntry("look", [28, 0, 112, 56]), new TurnEntry("outside", [0, 0, 9000, 10]), new TurnEntry("<answer>4</answer>")] },
        ];
        manifest.Write(folder.Path);

        RunPage.Write(folder.Path, RunReport.Of(manifest.Config, entries), entries);

        var page = File.ReadAllText(folder.PathOf(RunPage.FileName));
        page.Should().Contain("box 1, 84 × 56 pixels").And.Contain("the picture with the boxes of the calls").And.Contain("refused (not-json): The call is no valid JSON &lt;b&gt;");
        Regex.Count(page, "class=\"talk\"").Should().Be(2);
    }

    private static JournalEntry Entry(RunManifest manifest, string cell, int index, bool correct, int calls = 0, int refused = 0, string end = "answered")
    {
        var entry = FakeRun.Entry(manifest, cell, index, correct);
        return entry with { Row = entry.Row with { Agent = new AgentColumns { Turns = calls + 1, Calls = calls, RefusedCalls = refused, Ended = end } } };
    }
}
