using ActivationReplay.Replay;
using ActivationReplay.Replay.Recordings;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Pairs;

/// <summary>The settings of a pair that ships, and of any depth.</summary>
public sealed class PairSettingsTests : ShippedPairTest
{
    [Test]
    public void Settings_FitThePair_AndAnswerTakesThem()
    {
        Pair.Settings.Layers.Should().Equal(0, 1, 2, 3, 4);

        var answer = Pair.Answer(Asked, generation: FewTokens);

        answer.Settings.Should().BeEquivalentTo(Pair.Settings);
        answer.Losses.Should().HaveCount(25);
    }

    [TestCase(1, 1, 1)]
    [TestCase(8, 5, 2)]
    [TestCase(28, 16, 7)]
    [TestCase(36, 21, 9)]
    [TestCase(80, 46, 14)]
    public void SettingsFor_AnyDepth_AreThePublishedShare(int depth, int layers, int crossLayers)
    {
        var settings = ReplaySettings.For(depth);

        settings.Layers.Should().Equal(Enumerable.Range(0, layers));
        MidLayerSettings.For(depth).Layer.Should().Be(layers - 1);
        LocalSmoothSettings.For(depth).Layer.Should().Be(layers - 1);
        GlobalSmoothSettings.For(depth).Layers.Should().Equal(settings.Layers);
        CrossModelSettings.For(depth).CrossThresholds.Should().Equal(CrossModelSettings.PublishedThresholds.Take(crossLayers));
    }

    [Test]
    public void Answer_WithAnotherMethodsSettings_IsRefused() =>
        FluentActions.Invoking(() => Pair.Answer(Asked, "mid-layer", Quick))
            .Should().Throw<ArgumentException>().WithMessage("'mid-layer' takes MidLayerSettings, not ReplaySettings*");

    [Test]
    public void SettingsFor_28Layers_AreTheDefaults()
    {
        var (settings, published) = (ReplaySettings.For(28), new ReplaySettings());

        settings.Should().BeEquivalentTo(published);
    }

    [Test]
    public void Answer_WithLayersThatThePairLacks_IsRefusedBeforeAnythingIsComputed()
    {
        var passes = Pair.Model(ModelRole.Rlvr).VisionPasses;

        FluentActions.Invoking(() => Pair.Answer(Asked, settings: new ReplaySettings()))
            .Should().Throw<ArgumentOutOfRangeException>().WithMessage("*Layer 15*layers 0 to 7*");

        Pair.Model(ModelRole.Rlvr).VisionPasses.Should().Be(passes);
    }
}
