using ActivationReplay.Ablations.Clusters;
using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Tests.Clusters;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary><c>submit</c>, with scripts in place of sbatch and squeue.</summary>
[Platform(Include = "Linux,MacOsX", Reason = "The programs are shell scripts.")]
public sealed class SubmitCommandTests : CommandTest
{
    private static readonly string[] s_config = ["quick", "--limit", "4", "--batch", "1", "--methods", "none", "--max-new-tokens", "4"];

    private FakePrograms programs = null!;

    private string Run => Folder.PathOf("my run");

    [SetUp]
    public void Fake()
    {
        programs = new FakePrograms();
        programs.AddSbatch();
        programs.AddSqueue();
    }

    [TearDown]
    public void RestorePath() => programs.Dispose();

    [Test]
    public async Task DryRun_WritesTheFiles_SaysHowToSubmitThem_AndSubmitsNothing()
    {
        (await Submit("--dry-run", "--time", "1:00:00")).Should().Be(ExitCode.Success, Errors);

        programs.Called.Should().BeEmpty();
        File.ReadAllText(Job(JobFiles.Shards)).Should().Contain("#SBATCH --array=1-2\n").And.Contain("#SBATCH --time=1:00:00\n")
            .And.Contain("run quick --limit=4 --max-new-tokens=4 --batch=1 --methods=none --requeue --shard \"$SLURM_ARRAY_TASK_ID\"/2");
        File.ReadAllText(Job(JobFiles.Merge)).Should().Contain($"merge '{Run}'");
        Printed.Should().Contain($"sbatch --parsable '{Job(JobFiles.Shards)}'").And.Contain("--dependency=afterany:");
    }

    [Test]
    public async Task Submit_SaysTheNumbers_AndMergesAfterAll()
    {
        (await Submit("--array-limit", "1")).Should().Be(ExitCode.Success, Errors);

        programs.Called.Should().Equal($"--parsable|{Job(JobFiles.Shards)}|", $"--parsable|--dependency=afterany:41|{Job(JobFiles.Merge)}|");
        Printed.Should().Contain("job 41: shards 1, 2 of 2").And.Contain("job 42: merges");
        Submission.Read(Run).Submitted.Select(j => j.Id).Should().Equal("41", "42");
    }

    [Test]
    public async Task SubmitAgain_WhileJobsWait_IsRefused()
    {
        await Submit();
        programs.AddSqueue("41_1|COMPLETED|0:09|n1", "41_2|PENDING|0:00|(Resources)", "42|PENDING|0:00|(Dependency)");

        (await Submit()).Should().Be(ExitCode.Usage);

        Errors.Should().Contain("41, 42").And.Contain("scancel");
        programs.Called.Should().HaveCount(2);
    }

    [Test]
    public async Task SubmitAgain_TakesTheShardsThatLackAnswers_ThenNone()
    {
        await Submit("--array-limit", "3");
        await Compute(1);
        programs.AddSqueue("41_1|COMPLETED|0:09|n1", "41_2|FAILED|0:02|(NonZeroExitCode)", "42|COMPLETED|0:02|n1");
        var status = new SlurmWatch(Run, Submission.Read(Run)).Look();
        status.Shards.Select(s => (s.State, s.Done)).Should().Equal(("finished", 4L), ("failed", 0L));
        status.Should().Match<RunStatus>(s => s.IsOver && s.Note == "merge 42 completed n1");
        (await Invoke("status", Run)).Should().Be(ExitCode.RowsFailed);

        await Submit("--array-limit", "3");
        programs.Called.Skip(2).Should().Equal($"--parsable|--array=2%3|{Job(JobFiles.Shards)}|", $"--parsable|--dependency=afterany:43|{Job(JobFiles.Merge)}|");

        // The queue has forgotten all.
        programs.Add("squeue", "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1");
        await Compute(2);
        (await Invoke("status", Run)).Should().Be(ExitCode.Success);
        await Submit("--array-limit", "3");
        programs.Called.Skip(4).Should().Equal($"--parsable|{Job(JobFiles.Merge)}|");
    }

    [Test]
    public async Task AJobFileThatWasEdited_IsUsedAsItIs_AndNeverWrittenOver()
    {
        await Submit("--dry-run");
        File.AppendAllText(Job(JobFiles.Shards), "# mine\n");

        (await Submit()).Should().Be(ExitCode.Success, Errors);
        Errors.Should().Contain("shards.sh was edited");
        File.ReadAllText(Job(JobFiles.Shards)).Should().EndWith("# mine\n");

        (await Submit("--time", "2:00:00")).Should().Be(ExitCode.Usage);
        Errors.Should().Contain("delete it");
        File.ReadAllText(Job(JobFiles.Shards)).Should().EndWith("# mine\n");
    }

    [Test]
    public async Task AFolderOfAnotherRun_IsRefused()
    {
        await Submit("--dry-run");
        await Compute(1);

        (await Submit("--set", "generation.seed=5")).Should().Be(ExitCode.Usage);
        Errors.Should().Contain("seed");
        (await Invoke(["submit", .. s_config, "--out", Run, "--shards", "3"])).Should().Be(ExitCode.Usage);
        Errors.Should().Contain("2 shards, not 3");
        Directory.CreateDirectory(Folder.PathOf("other", "thesis"));
        (await Invoke(["submit", .. s_config, "--out", Folder.PathOf("other"), "--shards", "2"])).Should().Be(ExitCode.Usage);
        Errors.Should().Contain("thesis");
        (await Invoke(["submit", .. s_config, "--out", Folder.PathOf("new"), "--shards", "5"])).Should().Be(ExitCode.Usage);
        Errors.Should().Contain("allowed are 1 to 4");
        Directory.Exists(Folder.PathOf("new")).Should().BeFalse();
        programs.Called.Should().BeEmpty();
    }

    [Test]
    public async Task Merge_OfASubmittedRun_TakesWhatThereIs_AndSaysWithItsCodeThatSomeIsMissing()
    {
        await Submit("--dry-run");
        (await Invoke("merge", Run)).Should().Be(ExitCode.Usage);
        Errors.Should().Contain("none of its shards has begun");
        await Compute(2);

        (await Invoke("merge", Run)).Should().Be(ExitCode.RowsFailed);
        StoredRun.Read(Run).Done.Should().Be(4);
        await Compute(1);
        (await Invoke("merge", Run)).Should().Be(ExitCode.Success, Errors);

        await Invoke(["run", .. s_config, "--out", Folder.PathOf("whole")]);
        RunTablesText.WithoutTimes(Run).Should().Be(RunTablesText.WithoutTimes(Folder.PathOf("whole")));
    }

    [Test]
    public async Task Merge_WaitsForAnotherThatHasTheFolder_AndSeesWhatCameMeanwhile()
    {
        await Submit("--dry-run");
        await Compute(1);
        Task<int> merge;
        using (RunFolder.Open(Run))
        {
            merge = Task.Run(() => Invoke("merge", Run));
            (await Task.WhenAny(merge, Task.Delay(TimeSpan.FromSeconds(2)))).Should().NotBe(merge);
            await Compute(2);
        }

        (await merge).Should().Be(ExitCode.Success, Errors);
        StoredRun.Read(Run).Lacking.Should().Be(0);
    }

    [Test]
    public async Task Local_GivesTheTablesOfOneRun()
    {
        string[] some = ["quick", "--limit", "5", "--batch", "1", "--max-new-tokens", "6", "--set", "replay.iterations=2"];

        (await Invoke(["submit", .. some, "--local", "2", "--shards", "3", "--every", "0.2", "--out", Run])).Should().Be(ExitCode.Success, Errors);

        await Invoke(["run", .. some, "--out", Folder.PathOf("whole")]);
        RunTablesText.WithoutTimes(Run).Should().Be(RunTablesText.WithoutTimes(Folder.PathOf("whole")));
        Printed.Should().Contain("3 finished; 15 of 15 answers, 0 errors");
        File.ReadAllText(Submission.Log(Run, new Shard(2, 3))).Should().Contain("2/2 questions");
        programs.Called.Should().BeEmpty();
    }

    [Test]
    public void CtrlC_OfALocalRun_EndsAllItsProcesses_AndKeepsWhatTheyHave()
    {
        string[] many = ["submit", "quick", "--dataset", "counting:test:400", "--batch", "1", "--methods", "none", "--max-new-tokens", "4"];
        using var submit = new RunProcess([.. many, "--local", "2", "--every", "0.2", "--out", Run]);
        Shard[] shards = [new(1, 2), new(2, 2)];
        SpinWait.SpinUntil(() => shards.All(s => RunFolder.Peek(Submission.Folder(Run, s)).Count > 0), TimeSpan.FromMinutes(3)).Should().BeTrue();

        submit.Interrupt();

        var (code, said) = submit.Finish();
        code.Should().Be(ExitCode.Interrupted, said);
        said.Should().Contain("This goes on:").And.Contain("--local 2");
        foreach (var shard in shards)
        {
            RunFolder.IsHeld(Submission.Folder(Run, shard)).Should().BeFalse();
            File.ReadAllText(Submission.Log(Run, shard)).Should().Contain("interrupted; what was finished");
        }
    }

    private Task<int> Submit(params string[] more) => Invoke(["submit", .. s_config, "--shards", "2", "--out", Run, .. more]);

    private async Task Compute(int shard) =>
        (await Invoke(["run", .. s_config, "--shard", $"{shard}/2", "--out", Submission.Folder(Run, new Shard(shard, 2))])).Should().Be(ExitCode.Success, Errors);

    private string Job(string name) => JobFolder.PathOf(Run, name);
}
