using System.Text.Json;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;
using ActivationReplay.Tests.Models;
using ActivationReplay.Tests.Reports;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Storage;

public sealed class EntropyMapTests
{
    private static readonly EntropyThreshold Half = new(ThresholdRule.Quantile, 0.5);

    private static readonly MethodSettings[] s_settings =
    [
        new ReplaySettings { Layers = [0, 2], Threshold = Half, TopK = 10, Iterations = 0 },
        new MidLayerSettings { Layer = 1, Threshold = Half, TopK = 10, Iterations = 0 },
        new CrossModelSettings { CrossThresholds = [100, 100] },
        new LocalSmoothSettings { Layer = 1, Iterations = 0 },
        new UnchangedSettings(),
    ];

    [TestCase("replay", LayerAlignment.Aligned, 0, 2)]
    [TestCase("replay", LayerAlignment.Reference, 1, 3)]
    [TestCase("mid-layer", LayerAlignment.Aligned, 1)]
    [TestCase("cross-model", LayerAlignment.Aligned, 0, 1)]
    public void Map_IsTheMeanOverTheLayersThatTheCellCompares(string method, LayerAlignment alignment, params int[] recorded)
    {
        using var baseModel = Tiny.Model(1);
        using var rlvr = Tiny.Neighbour(1);
        using var inputs = Tiny.Prompt();
        using var context = new ReplayContext(inputs, baseModel, rlvr);
        var cell = CellOf(method);
        cell = cell with { Settings = cell.Settings is SelectionSettings s ? s with { Alignment = alignment } : cell.Settings };
        using var prepared = cell.Method.Prepare(context, cell.Settings);

        var map = EntropyMap.Of(cell, prepared, inputs)!;

        var visual = inputs.VisualPositions;
        var rows = recorded.Select(l => prepared.Recording!.EntropiesAt(l, visual)).ToList();
        map.Layers.Should().Be(recorded.Length);
        map.Grids.Sum(g => g.Rows * g.Columns).Should().Be(visual.Count);
        map.Nats.Should().Equal(visual.Select((_, i) => rows.Average(r => (double)r[i])), (a, b) => Math.Abs(a - b) <= 5.01e-4);
        map.Selected.Should().Equal(visual.Select(p => prepared.Selected!.Count(s => s.Contains(p))));
        map.Selected.Should().Contain(n => n > 0);
    }

    [TestCase("none")]
    [TestCase("local-smooth")]
    public void Map_OfAMethodWithoutSelection_IsNone(string method)
    {
        using var baseModel = Tiny.Model(1);
        using var rlvr = Tiny.Neighbour(1);
        using var inputs = Tiny.Prompt();
        using var context = new ReplayContext(inputs, baseModel, rlvr);
        var cell = CellOf(method);
        using var prepared = cell.Method.Prepare(context, cell.Settings);

        EntropyMap.Of(cell, prepared, inputs).Should().BeNull();
    }

    private static Cell CellOf(string id)
    {
        var method = ReplayMethods.Get(id);
        return new Cell(id, method, s_settings.Single(s => s.GetType() == method.Defaults(4).GetType()));
    }

    [Test]
    public void Journal_GivesTheMapBack()
    {
        var manifest = FakeRun.Manifest("gone.jsonl", 1, ("replay", "replay"));
        var map = new EntropyMap([new TokenGrid(1, 2), new TokenGrid(1, 1)], [0.125, 3, 1.5], [2, 0, 1], 2);
        var entry = FakeRun.Entry(manifest, "replay", 0, true, entropy: map);

        var read = JsonSerializer.Deserialize<JournalEntry>(JsonSerializer.Serialize(entry, JournalJson.Options), JournalJson.Options);

        read!.Entropy.Should().BeEquivalentTo(map);
    }

    [Test]
    public void Journal_WithoutAMap_IsRead()
    {
        var entry = FakeRun.Entry(FakeRun.Manifest("gone.jsonl", 1, ("none", "none")), "none", 0, true);
        var json = JsonSerializer.Serialize(entry, JournalJson.Options);

        json.Should().NotContain("entropy");
        JsonSerializer.Deserialize<JournalEntry>(json, JournalJson.Options)!.Entropy.Should().BeNull();
    }
}
