using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Tests.Storage;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary>The power of a run before it is run: <c>validate</c> and <c>run --dry-run</c>.</summary>
public sealed class PowerOptionTests : CommandTest
{
    private static readonly string s_quick = Path.Combine(Goldens.Repository, "results", "reference", "quick");

    private static readonly string[] s_run = ["--dataset", "counting:test:20", "--max-new-tokens", "4"];

    [TestCase("validate")]
    [TestCase("run", "--dry-run")]
    public async Task Command_WithoutARun_SaysWhatItAssumes(params string[] command)
    {
        (await Invoke([.. command, .. s_run, "--power", "0.01", "--discordance", "0.2"])).Should().Be(ExitCode.Success, Errors);

        Printed.Should().Contain("power: 80%, two-sided, 5% over 2 comparisons with RLVR alone; 20 questions, one answer each")
            .And.Contain("assumed: of 20% of questions only one of a cell and RLVR is right (--discordance;")
            .And.MatchRegex("smallest difference to RLVR alone: 0\\.[0-9]{4} at the first step of Holm's correction \\(5%/2\\), the strictest; 0\\.[0-9]{4} without correction")
            .And.MatchRegex("a difference of 0.01 needs [0-9]+ questions after the correction, [0-9]+ without; ");
    }

    [Test]
    public async Task Validate_OfSeveralAnswers_SaysWhatIsLeftOfThem()
    {
        (await Invoke(["validate", "passk", .. s_run, "--set", "generation.samples=4"])).Should().Be(ExitCode.Success, Errors);

        // 0.1 · (0.1 + 0.9 / 4).
        Printed.Should().Contain("4 answers each, of whose mean (pass@1) this is").And.Contain("correlated by 0.1 (--correlation), so that 4 answers leave a mean square of 0.0325");
    }

    [Test]
    public async Task Validate_LikeARunOfThePair_TakesItsDifferences_AndItsTimes()
    {
        (await Invoke(["validate", .. s_run, "--like", s_quick, "--power", "0.02"])).Should().Be(ExitCode.Success, Errors);

        // Of 100 questions 17 differ from base, and 3 with replay.
        Printed.Should().Contain("differences to RLVR alone as in").And.Contain("on 100 questions").And.Contain("17%").And.Contain(" 3%")
            .And.Contain("the same cell").And.Contain(", for 'replay'; ").And.Contain("at most, as its answers took");
    }

    [Test]
    public async Task DryRun_LikeABundle_ReadsIt()
    {
        (await Invoke("bundle", s_quick, "--out", Folder.PathOf("q.zip"))).Should().Be(ExitCode.Success, Errors);

        (await Invoke(["run", .. s_run, "--dry-run", "--like", Folder.PathOf("q.zip")])).Should().Be(ExitCode.Success, Errors);

        Printed.Should().MatchRegex(" 17%  base ");
    }

    [Test]
    public async Task DryRun_WithoutTheCheckpoints_SaysThatThePairWasNotLookedAt()
    {
        (await Invoke(["run", .. s_run, "--dry-run", "--like", s_quick, "--base", Folder.PathOf("b"), "--rlvr", Folder.PathOf("r")])).Should().Be(ExitCode.Success, Errors);

        Printed.Should().Contain("on 100 questions; whether it is of the same pair was not looked at, the checkpoints are not there").And.MatchRegex(" 17%  base ");
    }

    [Test]
    public async Task Validate_LikeARunOfAnotherKind_IsRefused()
    {
        (await Invoke(["validate", .. s_run, "--like", Reference("agents")])).Should().Be(ExitCode.Usage);
        (await Invoke(["validate", .. s_run, "--like", Reference("passk")])).Should().Be(ExitCode.Usage);
        (await Invoke(["validate", .. s_run, "--like", Folder.PathOf("nowhere")])).Should().Be(ExitCode.Usage);

        Errors.Should().Contain("the base checkpoint's fingerprint is").And.Contain("how answers are drawn is temperature 1, top-p 1, top-k 0 there, greedy here")
            .And.Contain("holds no run");
    }

    [Test]
    public async Task Validate_LikeARunWithoutAComparison_IsRefused()
    {
        var manifest = RunManifest.Read(s_quick);
        manifest.Write(Folder.Path);
        using (var run = RunFolder.Open(Folder.Path))
        {
            run.Add(MadeRuns.Answers("replay", "0110"));
            RunReport.Of(manifest.Config, run.Entries.Values).Write(Folder.Path);
        }

        (await Invoke(["validate", .. s_run, "--like", Folder.Path])).Should().Be(ExitCode.Usage);

        Errors.Should().Contain("none of its cells is compared with RLVR alone (none)");
    }

    [Test]
    public async Task Validate_OfAMatrixWithoutRlvr_HasNothingToShow()
    {
        (await Invoke(["validate", .. s_run, "--set", "baselines=[base]"])).Should().Be(ExitCode.Success, Errors);

        Printed.Should().Contain("power: no cell is compared with RLVR alone (none)");
    }

    [TestCase("--power", "0", "--power 0: allowed is a difference above 0 and at most 1")]
    [TestCase("--discordance", "1.5", "--discordance 1.5: allowed is a number from 0 to 1")]
    [TestCase("--correlation", "-1", "--correlation -1: allowed is a number from 0 to 1")]
    public async Task Validate_OfAValueOutOfRange_IsRefused(string option, string value, string message)
    {
        (await Invoke(["validate", .. s_run, option, value])).Should().Be(ExitCode.Usage);

        Errors.Should().Contain(message);
    }

    [Test]
    public async Task Run_WithoutDryRun_RefusesThem()
    {
        (await Invoke(["run", .. s_run, "--power", "0.01", "--out", Folder.PathOf("r")])).Should().Be(ExitCode.Usage);
        (await Invoke(["validate", .. s_run, "--like", s_quick, "--discordance", "0.1"])).Should().Be(ExitCode.Usage);

        Errors.Should().Contain("--power goes with --dry-run").And.Contain("--like takes what --discordance and --correlation assume from a run");
        Directory.Exists(Folder.PathOf("r")).Should().BeFalse();
    }

    private static string Reference(string name) => Path.Combine(Goldens.Repository, "results", "reference", name);
}
