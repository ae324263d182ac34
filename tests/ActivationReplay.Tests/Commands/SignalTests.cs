using System.Diagnostics;
using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Tests.Checkpoints;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary>Signals to a process of its own.</summary>
[Platform(Include = "Linux,MacOsX", Reason = "Signals are sent with kill.")]
public sealed class SignalTests
{
    [Test]
    public void Sigterm_DoesWhatCtrlCDoes_AndEndsWith143()
    {
        using var folder = new TempFolder();
        var output = folder.PathOf("r");
        using var run = new RunProcess("run", "--dataset", "counting:test:400", "--batch", "1", "--methods", "none", "--max-new-tokens", "4", "--out", output);
        run.WaitFor("1/400 questions");

        run.Terminate();

        var (code, said) = run.Finish();
        code.Should().Be(ExitCode.Terminated, said);
        said.Should().Contain("This goes on:").And.Contain(output);
        File.ReadAllLines(Path.Combine(output, "samples.csv")).Should().HaveCount(1 + RunFolder.Peek(output).Count, "the tables are written");
    }

    [Test]
    public void Sigterm_OfARunThatIsToBeQueuedAgain_EndsWith75_WhereItGotOn_AndDropsABatchWithinAStep()
    {
        using var folder = new TempFolder();
        string[] command = ["run", "--methods", "replay", "--batch", "1", "--max-new-tokens", "4", "--requeue", "--out"];
        using var run = new RunProcess([.. command, folder.PathOf("r"), "--dataset", "counting:test:400", "--set", "replay.iterations=1"]);
        // A loop of this many steps takes many minutes.
        using var stuck = new RunProcess([.. command, folder.PathOf("s"), "--dataset", "counting:test:1", "--set", "replay.iterations=1000000"]);
        run.WaitFor("1/400 questions");
        SpinWait.SpinUntil(() => File.Exists(RunFolder.Manifest(folder.PathOf("s"))), TimeSpan.FromMinutes(2)).Should().BeTrue("the claim comes before the work");
        stuck.HasEnded(TimeSpan.FromSeconds(1)).Should().BeFalse();

        run.Terminate();
        stuck.Terminate();

        run.Finish().Code.Should().Be(ExitCode.Requeue);
        stuck.HasEnded(TimeSpan.FromSeconds(60)).Should().BeTrue("it waits for a step and the tables, not for the batch");
        stuck.Finish().Code.Should().Be(ExitCode.Terminated, "another start would get no further");
        RunFolder.Peek(folder.PathOf("s")).Should().BeEmpty();
    }

    [Test]
    public void ASecondSigterm_EndsAtOnce()
    {
        using var folder = new TempFolder();
        var pipe = folder.PathOf("outputs.jsonl");
        using (var make = Process.Start("mkfifo", [pipe]))
        {
            make.WaitForExit();
        }

        // A pipe that says nothing holds the command where it looks at no token.
        using var verify = new RunProcess("verify", pipe);
        using var writer = new FileStream(pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);

        verify.Terminate();
        verify.HasEnded(TimeSpan.FromSeconds(1)).Should().BeFalse("the first asks it to end");
        verify.Terminate();

        verify.HasEnded(TimeSpan.FromSeconds(10)).Should().BeTrue();
        verify.Finish().Code.Should().Be(ExitCode.Terminated);
    }
}
