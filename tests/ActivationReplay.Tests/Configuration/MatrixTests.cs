using System.Text.Json;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Configuration;

/// <summary>The cells that a configuration makes, and their settings.</summary>
public sealed class MatrixTests : ConfigurationTest
{
    [Test]
    public void Matrix_IsTheProductOfWhatEachMethodUses()
    {
        var config = Read("""
            methods: [replay, mid-layer, cross-model]
            replay:
              selection: [low, high]
              layer: [2, 4, 6]
              iterations: 5
              cross-thresholds: [1, 2]
            """);

        // mid-layer has layers and selections, replay no layer, cross-model neither.
        config.Cells.Count(c => c.Method.Id == "replay").Should().Be(2);
        config.Cells.Count(c => c.Method.Id == "mid-layer").Should().Be(6);
        config.Cells.Count(c => c.Method.Id == "cross-model").Should().Be(2);
        config.Cells.Select(c => c.Id).Should().Contain("mid-layer layer=4 selection=high").And.Contain("cross-model cross-thresholds=2");
    }

    [Test]
    public void Defaults_AreTheShareOfLayersThatWasPublished()
    {
        // The embedded pair has 8 layers; a pair that is not there yet counts as a published one.
        Canonical(Read("methods: [replay, mid-layer, cross-model]")).Should().Equal(
            "base", "none", Canonical("replay", ReplaySettings.For(8)), Canonical("mid-layer", MidLayerSettings.For(8)), Canonical("cross-model", CrossModelSettings.For(8)));
        Canonical(Read("methods: [replay]\npair: { path: nowhere }"))[^1].Should().Be(Canonical("replay", new ReplaySettings()));
    }

    [TestCase("first-third", 8, 0, 3)]
    [TestCase("first-third", 28, 0, 9)]
    [TestCase("first-half", 7, 0, 4)]
    [TestCase("all-but-last", 8, 0, 7)]
    [TestCase("last", 8, 7, 1)]
    [TestCase("all", 8, 0, 8)]
    public void Layers_ByName_AreThatPartOfAModelOfAnyDepth(string name, int depth, int first, int count) =>
        SettingTexts.Layers(new ConfigValue("f", 1, "replay.layers", name), depth).Should().Equal(Enumerable.Range(first, count));

    [Test]
    public void Layers_ByName_StandSoInTheCellsName()
    {
        // Pairs of different depths then have the same cells, which can be pooled.
        Read("methods: [replay]\nreplay: { layers: [first-third, last] }").Cells.Select(c => c.Id)
            .Should().Equal("base", "none", "replay layers=first-third", "replay layers=last");
        FluentActions.Invoking(() => Read("methods: [replay]\nreplay: { layers: second-half }")).Should().Throw<ConfigurationException>().WithMessage("*first-half*");
    }

    [Test]
    public void Settings_AreWrittenOnce_AndReadBackFromTheirText()
    {
        foreach (var method in ReplayMethods.Ids.Select(ReplayMethods.Get))
        {
            var settings = method.Defaults(28);
            foreach (var key in SettingKeys.Of(settings))
            {
                if (key.Text(settings) is { } text)
                {
                    key.Text(key.Set(settings, new ConfigValue("f", 1, key.Name, text), 28)).Should().Be(text, $"{method.Id} {key.Name}");
                }
            }

            SettingKeys.Canonical(method, settings).Should().StartWith(method.Id);
        }

        SettingColumns.Names.Should().OnlyHaveUniqueItems();
    }

    [Test]
    public void Cell_OfAStoredRun_IsReadBack()
    {
        var cells = Read("methods: [replay, mid-layer, cross-model, local-smooth, global-smooth]\nreplay: { top-tokens: 7, seed: 3 }").Cells;

        var read = JsonSerializer.Deserialize<IReadOnlyList<Cell>>(JsonSerializer.Serialize(cells, JournalJson.Options), JournalJson.Options)!;

        read.Select(c => (c.Id, SettingKeys.Canonical(c.Method, c.Settings))).Should().Equal(cells.Select(c => (c.Id, SettingKeys.Canonical(c.Method, c.Settings))));
    }

    [Test]
    public void ExcludeAndInclude_TakeAwayAndAddCells()
    {
        var config = Read("""
            baselines: []
            methods: [replay]
            replay: { selection: [low, high], words: [10, 50] }
            exclude: [{ selection: high, words: 50 }]
            include: [{ method: replay, words: 0 }]
            """.Replace("baselines: []", "baselines: [none]", StringComparison.Ordinal));

        config.Cells.Where(c => c.Method.Id == "replay").Select(c => (ReplaySettings)c.Settings).Select(c => (c.Selection, c.TopK)).Should().Equal(
            (EntropySelection.Low, 10), (EntropySelection.Low, 50), (EntropySelection.High, 10), (EntropySelection.Low, 0));
    }

    [Test]
    public void Exclude_TakesNumbersByValue() =>
        Read("replay: { learning-rate: [0.1, 10] }\nexclude: [{ learning-rate: 0.10 }]").Cells
            .Where(c => c.Method.Id == "replay").Should().ContainSingle().Which.Settings.Should().BeOfType<ReplaySettings>().Which.LearningRate.Should().Be(10);

    private static string Canonical(string method, MethodSettings settings) => SettingKeys.Canonical(ReplayMethods.Get(method), settings);

    private static IReadOnlyList<string> Canonical(RunConfig config) => [.. config.Cells.Select(c => SettingKeys.Canonical(c.Method, c.Settings))];
}
