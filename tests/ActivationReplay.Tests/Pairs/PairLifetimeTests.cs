using ActivationReplay.Checkpoints;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Pairs;

/// <summary>What a pair holds, and when it lets go of it.</summary>
public sealed class PairLifetimeTests : ShippedPairTest
{
    [Test]
    public void Answer_GivenUp_StopsAndThePairGoesOn()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();

        FluentActions.Invoking(() => Pair.Answer(Asked, cancel: source.Token)).Should().Throw<OperationCanceledException>();
        FluentActions.Invoking(() => Pair.Lens(Asked, cancel: source.Token)).Should().Throw<OperationCanceledException>();

        Pair.Answer(Asked, "base", generation: FewTokens).Text.Should().NotBeEmpty();
    }

    [Test]
    public void AnswerAndLens_LeaveNoTensorsBehind()
    {
        Pair.Compare(Asked, Quick, FewTokens);
        Pair.Lens(Asked).Dispose();
        var held = LiveTensors.Settled();

        Pair.Compare(Asked, Quick, FewTokens);
        Pair.Lens(Asked).Dispose();

        LiveTensors.Settled().Should().Be(held);
    }

    [Test]
    public void Dispose_FreesBothModels_AndRefusesQuestions()
    {
        var other = ReplayPair.Open(PairFolder);
        TorchSharp.Modules.Parameter[] weights = [.. Enum.GetValues<ModelRole>().SelectMany(role => other.Model(role).parameters())];
        using var lens = other.Lens(Asked);
        var kl = lens.At(8, 0).Kl;

        other.Dispose();
        other.Dispose();

        FluentActions.Invoking(() => other.Answer(Asked)).Should().Throw<ObjectDisposedException>();
        FluentActions.Invoking(() => other.Lens(Asked)).Should().Throw<ObjectDisposedException>();
        lens.At(8, 0).Kl.Should().Be(kl, "what was read stays");
        weights.Should().NotBeEmpty().And.OnlyContain(weight => weight.IsInvalid);
    }

    [Test]
    public void Open_OfNoPair_NamesTheFolderAndLeavesNothing()
    {
        var held = LiveTensors.Settled();

        FluentActions.Invoking(() => ReplayPair.Open(Path.Combine(PairFolder, "base"), "nowhere"))
            .Should().Throw<CheckpointException>().WithMessage("*nowhere*");
        FluentActions.Invoking(() => ReplayPair.Open(PairFolder, new PairOptions { Device = "toaster" }))
            .Should().Throw<ArgumentException>().WithMessage("*toaster*cpu*");

        LiveTensors.Settled().Should().Be(held);
    }

    [Test]
    public void OneModelInMemory_GivesTheSameAnswersAndTheSameLens()
    {
        using var one = ReplayPair.Open(PairFolder, new PairOptions { Models = ModelsInMemory.One });
        var methods = ReplayMethods.Ids.Select(m => new AskedMethod(m, SettingsOf(m))).ToArray();
        var expected = Pair.Answers(Asked, methods, FewTokens);

        var answers = one.Answers(Asked, methods, FewTokens);

        answers.Select(a => (a.Method, a.Answerer, a.Text)).Should().Equal(expected.Select(a => (a.Method, a.Answerer, a.Text)));
        answers.SelectMany(a => a.Losses).Should().Equal(expected.SelectMany(a => a.Losses));
        using var lens = one.Lens(Asked);
        using var both = Pair.Lens(Asked);
        (lens.Comparison.Kl - both.Comparison.Kl).abs().max().item<float>().Should().Be(0);
        (lens.Comparison.BaseEntropy - both.Comparison.BaseEntropy).abs().max().item<float>().Should().Be(0);
    }

    [Test]
    public void OneModelInMemory_FreesTheOther()
    {
        using var one = ReplayPair.Open(PairFolder, new PairOptions { Models = ModelsInMemory.One });
        var first = one.Model(ModelRole.Base);

        var second = one.Model(ModelRole.Rlvr);

        one.Model(ModelRole.Rlvr).Should().BeSameAs(second);
        first.HeadWeight.IsInvalid.Should().BeTrue();
        one.Model(ModelRole.Base).HeadWeight.IsInvalid.Should().BeFalse("it is loaded anew");
    }
}
