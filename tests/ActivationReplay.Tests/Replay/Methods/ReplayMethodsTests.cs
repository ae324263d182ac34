using ActivationReplay.Ablations.Commands;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;
using ActivationReplay.Tests.Commands;
using ActivationReplay.Tests.Models;
using FluentAssertions;
using NUnit.Framework;
using Researcher;

namespace ActivationReplay.Tests.Replay.Methods;

/// <summary>Methods of one's own.</summary>
public sealed class ReplayMethodsTests
{
    private static readonly string[] s_own =
        ["none", "base", "replay", "mid-layer", "reverse", "cross-model", "local-smooth", "global-smooth"];

    [TearDown]
    public void Forget() => ReplayMethods.Unregister("most-shifted");

    [Test]
    public void Register_MakesAMethodKnown_UntilItIsTakenAway()
    {
        var method = new MostShifted();

        ReplayMethods.Register(method);

        ReplayMethods.Get("most-shifted").Should().BeSameAs(method);
        ReplayMethods.Ids.Should().Equal([.. s_own, "most-shifted"]);
        ReplayMethods.Unregister("most-shifted").Should().BeTrue();
        ReplayMethods.Unregister("most-shifted").Should().BeFalse();
        ReplayMethods.TryGet("most-shifted", out _).Should().BeFalse();
    }

    [TestCase("replay", "*'replay' already*another name*")]
    [TestCase("", "*no name for a method*")]
    [TestCase("two words", "*no name for a method*")]
    public void Register_OfANameThatCannotBe_IsRefused(string id, string message) =>
        FluentActions.Invoking(() => ReplayMethods.Register(new KlReplay<ReplaySettings>(id, ModelRole.Rlvr, ReplaySettings.For)))
            .Should().Throw<ArgumentException>().WithMessage(message);

    [Test]
    public void Unregister_OfTheEnginesOwn_IsRefused()
    {
        FluentActions.Invoking(() => ReplayMethods.Unregister("base")).Should().Throw<ArgumentException>().WithMessage("*'base'*stays*");
        ReplayMethods.Ids.Should().Equal(s_own);
    }

    [Test]
    public void Register_FromManyThreads_LosesNoneAndTakesEachNameOnce()
    {
        string[] names = [.. Enumerable.Range(0, 64).Select(i => $"own-{i / 2}")];
        var refused = 0;
        try
        {
            Parallel.ForEach(names, name =>
            {
                try
                {
                    ReplayMethods.Register(new KlReplay<ReplaySettings>(name, ModelRole.Rlvr, ReplaySettings.For));
                }
                catch (ArgumentException)
                {
                    Interlocked.Increment(ref refused);
                }
            });

            refused.Should().Be(32);
            ReplayMethods.Ids.Should().BeEquivalentTo([.. s_own, .. names.Distinct()]);
        }
        finally
        {
            Array.ForEach(names, name => ReplayMethods.Unregister(name));
        }
    }

    [Test]
    public void MostShifted_BetweenEqualModels_HasNoLoss_AndOneRecordingAModel()
    {
        using var original = Tiny.Model(1);
        using var rlvr = Tiny.Model(1);
        using var inputs = Tiny.Prompt();
        using var context = new ReplayContext(inputs, original, rlvr);
        var (method, settings) = (new MostShifted(), new ReplaySettings { Layers = [0, 1, 2], TopK = 10, Iterations = 2 });
        context.Record(method.Needs(settings));
        var made = context.Times.Total;

        using var prepared = method.Prepare(context, settings);

        // Recorded passes and those of the loop round differently.
        prepared.Trace!.Losses.Should().OnlyContain(loss => Math.Abs(loss) < 1e-6);
        context.Times.Total.Should().Be(made);
    }

    [Test]
    public async Task ARegisteredMethod_RunsInAConfigurationOfTheRunner()
    {
        ReplayMethods.Register(new MostShifted());
        using var console = new QuietConsole();
        var folder = Directory.CreateTempSubdirectory("own").FullName;
        try
        {
            var output = Path.Combine(folder, "r");

            var code = await CommandLine.RunAsync(
                ["run", "--limit", "1", "--methods", "none,most-shifted", "--set", "replay.layers=[2,3]", "--set", "replay.iterations=2", "--out", output]);

            code.Should().Be(ExitCode.Success);
            File.ReadAllText(Path.Combine(output, "samples.csv")).Should().Contain("most-shifted layers=2").And.Contain("most-shifted layers=3");
            (await CommandLine.RunAsync(["schema"])).Should().Be(ExitCode.Success);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
