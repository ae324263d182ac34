using System.Runtime.Versioning;
using ActivationReplay.Ablations.Clusters;
using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Tests.Commands;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Clusters;

/// <summary><c>submit</c> on a real Slurm, where it is installed.</summary>
[Platform("Linux")]
[UnsupportedOSPlatform("windows")]
public sealed class SlurmClusterTests : CommandTest
{
    [Test]
    public async Task ShardsKilledAndRequeued_ThenMergedTwiceAtOnce_GiveTheTablesOfOneRun()
    {
        using var cluster = new SlurmCluster();
        string[] config = ["quick", "--limit", "6", "--batch", "1", "--max-new-tokens", "6", "--set", "replay.iterations=40"];
        var run = Folder.PathOf("it's a run");
        string[] submit = ["submit", .. config, "--shards", "3", "--time", "10:00", "--every", "0.2", "--out", run];

        (await Invoke(submit)).Should().Be(ExitCode.Success, Errors);
        var job = Submission.Read(run).Submitted[0].Id;
        WaitForAnswers(run, 1);
        SlurmCluster.Run("scancel", "--signal=KILL", "--batch", $"{job}_1");
        WaitForAnswers(run, 2);
        SlurmCluster.Run("scontrol", "requeue", $"{job}_2");
        WaitForAnswers(run, 3);
        SlurmCluster.Run("scancel", "--signal=TERM", "--batch", $"{job}_3");

        // The task that was killed has failed, and what it lacks is said. Those that were requeued, by hand or by their exit code, are whole.
        (await Invoke("status", run, "--wait", "--every", "0.2")).Should().Be(ExitCode.RowsFailed, Errors);
        var status = new SlurmWatch(run, Submission.Read(run)).Look();
        status.Shards.Select(s => s.State).Should().Equal(["failed", "finished", "finished"], ShardProgress.Line(status));
        File.ReadAllText(Path.Combine(run, Submission.Jobs, "merge.log")).Should().Contain("not in it:").And.Contain("answers of shard 1/3");
        File.ReadAllText(Submission.Log(run, new Shard(3, 3))).Should().Contain("This goes on:", "SIGTERM is heard");

        (await Invoke([.. submit, "--wait"])).Should().Be(ExitCode.Success, Errors + Printed);
        Printed.Should().Contain(": shards 1 of 3");
        using (var one = new RunProcess("merge", run))
        using (var other = new RunProcess("merge", run))
        {
            one.Finish().Code.Should().Be(ExitCode.Success);
            other.Finish().Code.Should().Be(ExitCode.Success);
        }

        await Invoke(["run", .. config, "--out", Folder.PathOf("whole")]);
        RunTablesText.WithoutTimes(run).Should().Be(RunTablesText.WithoutTimes(Folder.PathOf("whole")));
    }

    private static void WaitForAnswers(string run, int shard) => SpinWait.SpinUntil(
        () => RunFolder.Peek(Submission.Folder(run, new Shard(shard, 3))).Count > 0, TimeSpan.FromMinutes(2)).Should().BeTrue();
}
