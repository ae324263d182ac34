using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary>The program as its users call it.</summary>
public sealed class CommandLineTests : CommandTest
{
    private static readonly string[] s_run = ["run", "--limit", "2", "--set", "replay.iterations=2"];

    private readonly SharedRuns shared = new();

    [OneTimeTearDown]
    public void DeleteRuns() => shared.Dispose();

    [Test]
    public async Task Run_OnTheShippedPair_WritesARowAMethodAndQuestion()
    {
        var run = await shared.Of("run", s_run);

        var samples = File.ReadAllLines(Path.Combine(run, "samples.csv"));
        samples.Should().HaveCount(1 + 2 * 3);
        samples[0].Should().Contain("seed").And.Contain("output").And.Contain("extracted").And.Contain("learning_rate");
        File.ReadAllLines(Path.Combine(run, "cells.csv")).Should().HaveCount(1 + 3);
    }

    [Test]
    public async Task Run_WithABadRow_WritesItsErrorAndGoesOn()
    {
        var data = Folder.PathOf("data.jsonl");
        File.Copy(Path.Combine(Goldens.Repository, "ablations", "datasets", "counting", "images", "0000.png"), Folder.PathOf("good.png"));
        File.WriteAllText(Folder.PathOf("bad.png"), "no picture");
        File.WriteAllLines(data,
        [
            """{"id": "bad", "question": "How many?", "images": ["bad.png"], "answer": "1"}""",
            """{"id": "missing", "question": "How many?", "images": ["none.png"], "answer": "1"}""",
            """{"id": "short", "question": "How many?"}""",
            """{"id": "good", "question": "How many blue squares are there?", "images": ["good.png"], "answer": "0"}""",
        ]);

        var code = await CommandLine.RunAsync(["run", "--dataset", data, "--methods", "none", "--out", Folder.PathOf("r")]);

        code.Should().Be(ExitCode.RowsFailed);
        string[] rows = [.. File.ReadAllLines(Folder.PathOf("r", "samples.csv")).Where(l => !l.StartsWith("base,", StringComparison.Ordinal))];
        rows.Should().HaveCount(5);
        rows[1].Should().Contain("bad.png");
        rows[2].Should().Contain("none.png");
        rows[3].Should().Contain("'answer' is missing");
        rows[4].Should().MatchRegex("True|False", "it was answered and judged");
    }

    [Test]
    public async Task Run_IntoAFolderOfAnotherConfiguration_NamesTheDifference()
    {
        await shared.CopyTo(Folder.Path, "run", s_run);

        (await CommandLine.RunAsync([.. s_run, "--out", Folder.Path, "--seed", "7"])).Should().Be(ExitCode.Usage);
        Errors.Should().Contain(Folder.Path).And.Contain("generation.seed: 0 there, 7 here");
    }

    [Test]
    public async Task Run_WithResume_IsRefusedOrBeginsAnewAsAsked()
    {
        await shared.CopyTo(Folder.Path, "run", s_run);
        string[] command = [.. s_run, "--out", Folder.Path];

        (await CommandLine.RunAsync([.. command, "--resume"])).Should().Be(ExitCode.Success, "the bare option goes on");
        (await CommandLine.RunAsync([.. command, "--resume", "never"])).Should().Be(ExitCode.Usage);
        Errors.Should().Contain("holds 6 answers");
        (await CommandLine.RunAsync(["run", "--limit", "1", "--methods", "none", "--max-new-tokens", "2", "--out", Folder.Path, "--seed", "7", "--resume", "discard"])).Should().Be(ExitCode.Success);
        RunManifest.Read(Folder.Path).Config.Generation.Seed.Should().Be(7);
    }

    [Test]
    public async Task Run_RecordsWhereItWasComputed()
    {
        var run = RunManifest.Read(await shared.Of("run", s_run));

        var session = run.Sessions.Should().ContainSingle().Which;
        session.Command.Should().StartWith("run --limit 2 --set replay.iterations=2");
        session.Environment.Libtorch.Should().MatchRegex(@"^\d+\.\d+");
        session.Environment.Cores.Should().Be(Environment.ProcessorCount);
        session.Environment.Memory.Should().BePositive();
        (session.Environment.GitCommit, session.Environment.GitDirty).Should().Be(EnvironmentReader.Source(AppContext.BaseDirectory));
        run.Config.Batch.Should().BePositive("it is resolved");
    }

    [Test]
    public async Task Run_Again_ComputesNothingAndGivesTheSameTables()
    {
        await shared.CopyTo(Folder.Path, "run", s_run);
        var (samples, journal) = (File.ReadAllText(Folder.PathOf("samples.csv")), File.ReadAllText(Folder.PathOf("journal.jsonl")));

        (await CommandLine.RunAsync([.. s_run, "--out", Folder.Path])).Should().Be(ExitCode.Success, Errors);

        File.ReadAllText(Folder.PathOf("journal.jsonl")).Should().Be(journal);
        File.ReadAllText(Folder.PathOf("samples.csv")).Should().Be(samples);
    }

    [TestCase("--set", "replay.threshold=half:0.5", "max-fraction:F")]
    [TestCase("--set", "replay.threshold=quantile:2", "0 to 1")]
    [TestCase("--set", "replay.layers=4-2", "a range")]
    [TestCase("--set", "replay.layers=0,99", "layers 0 to ")]
    [TestCase("--shard", "3/2", "1 ≤ I ≤ N")]
    [TestCase("--temperature", "-1", "a number from 0")]
    [TestCase("--device", "toaster", "cpu, cuda")]
    [TestCase("--resume", "maybe", "'same'")]
    [TestCase("--benchmark", "MathVista", "no published numbers")]
    public async Task Run_WithABadValue_SaysWhatIsAllowed(string option, string value, string allowed)
    {
        var code = await CommandLine.RunAsync(["run", "--limit", "1", "--out", Folder.PathOf("r"), option, value]);

        code.Should().Be(ExitCode.Usage);
        Errors.Should().Contain(allowed);
    }

    [Test]
    public async Task Run_OfEveryMethod_WritesTheirRowsAndLossCurves()
    {
        var output = Folder.PathOf("r");

        var code = await CommandLine.RunAsync(
            ["run", "--limit", "1", "--set", "replay.iterations=2", "--out", output, "--methods", string.Join(',', ActivationReplay.Replay.Methods.ReplayMethods.Ids)]);

        code.Should().Be(ExitCode.Success);
        File.ReadAllLines(Path.Combine(output, "samples.csv")).Should().HaveCount(1 + 8);
        // Five methods optimise.
        File.ReadAllLines(Path.Combine(output, "losses.csv")).Should().HaveCount(1 + 5 * 2);
    }

    [Test]
    public async Task Run_AtAnAbsurdRate_SaysThatTheLoopDiverged()
    {
        var output = Folder.PathOf("r");

        await CommandLine.RunAsync(["run", "--limit", "1", "--methods", "replay", "--max-new-tokens", "2", "--set", "replay.learning-rate=1e30", "--out", output]);

        File.ReadAllText(Path.Combine(output, "samples.csv")).Should().ContainEquivalentOf("diverged");
    }

    [Test]
    public async Task Calibrate_WritesThresholdsThatCrossModelReads()
    {
        var file = Folder.PathOf("thresholds.json");

        (await CommandLine.RunAsync(["calibrate", "--limit", "2", "--out", file])).Should().Be(ExitCode.Success);

        CrossThresholdFile.Parse(ConfigValue.OfOption("--cross-thresholds", "", file), 3, ActivationReplay.Replay.LayerAlignment.Aligned).Should().HaveCount(3);
        FluentActions.Invoking(() => CrossThresholdFile.Parse(ConfigValue.OfOption("--cross-thresholds", "", file), 3, ActivationReplay.Replay.LayerAlignment.Reference))
            .Should().Throw<ConfigurationException>().WithMessage("*aligned*calibrate anew*");
        FluentActions.Invoking(() => CrossThresholdFile.Parse(ConfigValue.OfOption("--cross-thresholds", "", "1,2"), 3, ActivationReplay.Replay.LayerAlignment.Aligned))
            .Should().Throw<ConfigurationException>().WithMessage("*which is 3; it has 2*");
        FluentActions.Invoking(() => CrossThresholdFile.Parse(ConfigValue.OfOption("--cross-thresholds", "", "x.json"), 3, ActivationReplay.Replay.LayerAlignment.Aligned))
            .Should().Throw<ConfigurationException>().WithMessage("*published*");
    }

    [Test]
    public async Task Run_WithoutACheckpoint_SaysWhichFolder()
    {
        var code = await CommandLine.RunAsync(["run", "--pair", Folder.PathOf("nowhere"), "--out", Folder.PathOf("r")]);

        code.Should().Be(ExitCode.Checkpoint);
        Errors.Should().Contain(Folder.PathOf("nowhere", "base"));
    }

    [Test]
    public async Task AnUnknownCommand_IsBadUsage() =>
        (await CommandLine.RunAsync(["fly"])).Should().Be(ExitCode.Usage);

    [Test]
    public async Task Parity_WithAWrongRecording_IsOverItsLimit()
    {
        Copy(Goldens.CarriedPathOf("prepare", "resize.json"), Folder.PathOf("prepare", "resize.json"), t => t.Replace("812", "840", StringComparison.Ordinal));

        (await CommandLine.RunAsync(["parity", Folder.Path, "--dump", Folder.PathOf("dump")])).Should().Be(ExitCode.RowsFailed);
        File.ReadAllText(Folder.PathOf("dump", "prepare", "resize.json")).Should().Contain("812");

        static void Copy(string from, string to, Func<string, string> change)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.WriteAllText(to, change(File.ReadAllText(from)));
        }
    }
}
