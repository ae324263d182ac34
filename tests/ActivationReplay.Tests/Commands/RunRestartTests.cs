using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Tests.Storage;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary>Any shards, any interruptions: the same tables.</summary>
public sealed class RunRestartTests : CommandTest
{
    private static readonly string[] s_tables = ["cells.csv", "passk.csv", "samples.csv", "losses.csv"];

    // Two repetitions, batches of two questions with an uneven last one, and a method of each kind.
    private static readonly string[] s_run =
    [
        "run", "--dataset", "counting:test:9", "--methods", "replay,mid-layer,cross-model", "--samples", "2", "--temperature", "1",
        "--max-new-tokens", "12", "--set", "replay.iterations=3", "--set", "replay.selection=[low, random]", "--batch", "2",
    ];

    // Every method, on a batch and an uneven one.
    private static readonly string[] s_every =
    [
        .. s_run, "--limit", "3", "--set", $"methods=[{string.Join(", ", ReplayMethods.Ids.Except(["none", "base"]))}]", "--set", "replay.prefill-ratio=[1, 0.5]",
    ];

    private readonly SharedRuns shared = new();

    [OneTimeTearDown]
    public void DeleteRuns() => shared.Dispose();

    [Test]
    public async Task ShardsKilledTornAndRestarted_GiveTheTablesOfOneRun_ApartFromTimes()
    {
        var whole = await shared.Of("plain", s_run);
        await Run("1", "--shard", "1/3");
        await Run("3", "--shard", "3/3");

        // Killed amid the second of its batches, its last line torn, it goes on.
        using (var killed = new RunProcess([.. s_run, "--shard", "2/3", "--out", Folder.PathOf("2")]))
        {
            killed.WaitFor("2/3 questions");
            killed.Kill();
            killed.Finish();
        }

        var journal = RunFolder.Journal(Folder.PathOf("2"));
        var bytes = File.ReadAllBytes(journal);
        File.WriteAllBytes(journal, bytes[..(bytes.Length * 2 / 3)]);
        (await Run("2", "--shard", "2/3")).Should().Be(ExitCode.Success, Errors);
        File.ReadAllBytes(journal)[..(bytes.Length / 3)].Should().Equal(bytes[..(bytes.Length / 3)], "what was whole is kept");
        (await CommandLine.RunAsync(["merge", Folder.PathOf("3"), Folder.PathOf("1"), Folder.PathOf("2"), "--out", Folder.PathOf("merged")]))
            .Should().Be(ExitCode.Success, Errors);

        foreach (var table in s_tables)
        {
            WithoutTimes("merged", table).Should().Be(RunTablesText.WithoutTimes(whole, table), table);
        }

        RunTablesText.WithoutTimes(whole, "samples.csv").Split('\n').Should().HaveCount(1 + (9 * 2 * (2 + 2 + 2 + 1)) + 1);
    }

    [Test]
    public async Task OneModelInMemory_GivesTheTablesOfBoth_ApartFromTimes()
    {
        var both = await shared.Of("every", s_every);

        (await Invoke([.. s_every, "--models", "one", "--out", Folder.PathOf("one")])).Should().Be(ExitCode.Success, Errors);

        foreach (var table in s_tables)
        {
            WithoutTimes("one", table).Should().Be(RunTablesText.WithoutTimes(both, table), table);
        }

        Directory.Exists(Path.Combine(Folder.PathOf("one"), "recordings")).Should().BeFalse("they are deleted when they were used");

        // The same answers: a run may go on with the other number of models.
        (await Invoke([.. s_every, "--out", Folder.PathOf("one")])).Should().Be(ExitCode.Success, Errors);
    }

    [Test]
    public async Task ADeviceForEachModel_GivesTheTablesOfOneDevice_ApartFromTimes()
    {
        var plain = await shared.Of("every", s_every);
        (await Invoke([.. s_every, "--device", "rlvr=cpu,base=cpu", "--out", Folder.PathOf("map")])).Should().Be(ExitCode.Success, Errors);
        (await Invoke([.. s_every, "--device", "base=cpu,rlvr=cpu", "--models", "one", "--out", Folder.PathOf("map-one")])).Should().Be(ExitCode.Success, Errors);

        foreach (var table in s_tables)
        {
            WithoutTimes("map", table).Should().Be(RunTablesText.WithoutTimes(plain, table), table);
            WithoutTimes("map-one", table).Should().Be(RunTablesText.WithoutTimes(plain, table), table);
        }
    }

    [Test]
    public async Task LittleMemory_GivesTheTablesOfEnough_InSmallerSizes_WhichAResumedRunKeeps()
    {
        var plain = await shared.Of("plain", s_run);
        (await Run("little", "--memory", "0.28")).Should().Be(ExitCode.Success, Errors);

        // Losses differ in their last digits, as sums over fewer columns do; no answer does.
        Answers(Folder.PathOf("little")).Should().Equal(Answers(plain));
        var (enough, little) = (RunManifest.Read(plain).Sizes!, RunManifest.Read(Folder.PathOf("little")).Sizes!);
        little.Questions.Should().BeLessThan(enough.Questions);
        (await Run("little")).Should().Be(ExitCode.Success, Errors);
        RunManifest.Read(Folder.PathOf("little")).Sizes.Should().Be(little);
    }

    private static List<(string, string, int, string?, bool?)> Answers(string path) =>
        [.. CsvTable.Read<SampleRow>(Path.Combine(path, "samples.csv")).Select(r => (r.Cell, r.Sample, r.Repetition, r.Output, r.Correct))];

    [Test]
    public async Task TooLittleMemory_IsRefusedBeforeAnythingIsMade_AndGoesOnUnchecked()
    {
        (await Run("refused", "--memory", "0.001")).Should().Be(ExitCode.Usage);
        Errors.Should().Contain("cpu does not hold this").And.Contain("--memory unchecked").And.NotContain("   at ");
        Directory.Exists(Folder.PathOf("refused")).Should().BeFalse();

        (await Run("refused", "--memory", "unchecked", "--limit", "1")).Should().Be(ExitCode.Success, Errors);
    }

    [Test]
    public async Task OneModelInMemory_WithABadRow_HasItsErrorInEveryCell()
    {
        File.WriteAllText(Folder.PathOf("q.jsonl"), """
            {"question": "How many?", "answer": "1", "images": ["gone.png"]}
            {"question": "How much is 1 + 1?", "answer": "2"}

            """);
        string[] run = ["run", "--dataset", Folder.PathOf("q.jsonl"), "--methods", "replay,reverse", "--max-new-tokens", "4"];
        (await CommandLine.RunAsync([.. run, "--out", Folder.PathOf("both")])).Should().Be(ExitCode.RowsFailed);

        (await CommandLine.RunAsync([.. run, "--models", "one", "--out", Folder.PathOf("one")])).Should().Be(ExitCode.RowsFailed);

        WithoutTimes("one", "samples.csv").Should().Be(WithoutTimes("both", "samples.csv"));
    }

    [Test]
    public async Task Batches_OfAnotherSize_GiveTheSameAnswers()
    {
        var two = await shared.Of("plain", s_run);
        (await Invoke([.. s_run.SkipLast(1), "9", "--out", Folder.PathOf("all")])).Should().Be(ExitCode.Success);

        // Sums in another order could turn a choice between two equally likely tokens; here there is none.
        WithoutTimes("all", "samples.csv").Should().Be(RunTablesText.WithoutTimes(two, "samples.csv"));
    }

    [Test]
    [Platform(Include = "Linux,MacOsX", Reason = "A process is interrupted with kill.")]
    public void CtrlC_KeepsWhatIsFinished_SaysHowToGoOn_AndEndsWith130()
    {
        string[] command = ["run", "--dataset", "counting:test:400", "--batch", "1", "--methods", "none", "--max-new-tokens", "4", "--out", Folder.PathOf("r")];
        using (var run = new RunProcess(command))
        {
            run.WaitFor("1/400 questions");
            run.Interrupt();

            var (code, said) = run.Finish();

            code.Should().Be(ExitCode.Interrupted, said);
            said.Should().Contain("This goes on:").And.Contain("-- run --dataset counting:test:400 --batch 1").And.Contain(Folder.PathOf("r"));
        }

        var stored = StoredRun.Read(Folder.PathOf("r"));
        stored.State.Should().Be("unfinished");
        stored.Done.Should().BeInRange(2, 799).And.Match(n => n % 2 == 0, "questions are finished or dropped, never half done");
        File.ReadAllLines(Folder.PathOf("r", "samples.csv")).Should().HaveCount(1 + (int)stored.Done);
    }

    [Test]
    public void Merge_WithoutAShard_SaysWhichIsMissing()
    {
        Directory.CreateDirectory(Folder.PathOf("1"));
        MadeRuns.Finished(Folder.PathOf("1"));
        (RunManifest.Read(Folder.PathOf("1")) with { Shard = "1/3" }).Write(Folder.PathOf("1"));

        RunMerge.Merge(() => [StoredRun.Read(Folder.PathOf("1"))], Folder.PathOf("m")).Should().Equal("shard 2/3", "shard 3/3");
        FluentActions.Invoking(() => RunMerge.Merge(() => [StoredRun.Read(Folder.PathOf("1"))], Folder.PathOf("1"))).Should().Throw<ArgumentException>()
            .WithMessage("*one of the shards*");
    }

    private Task<int> Run(string name, params string[] more) => Invoke([.. s_run, .. more, "--out", Folder.PathOf(name)]);

    private string WithoutTimes(string run, string table) => RunTablesText.WithoutTimes(Folder.PathOf(run), table);
}
