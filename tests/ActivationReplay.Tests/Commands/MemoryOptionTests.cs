using ActivationReplay.Ablations.Commands;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary>Plans of memory as commands print them, and refusals.</summary>
public sealed class MemoryOptionTests : CommandTest
{
    private static readonly string s_picture = Path.Combine(Goldens.Repository, "ablations", "datasets", "counting", "images", "0000.png");

    private static readonly string[] s_run = ["--dataset", "counting:test:2", "--max-new-tokens", "4"];

    [TestCase("validate")]
    [TestCase("run", "--dry-run")]
    public async Task Command_ThatLooks_PrintsThePlan(params string[] command)
    {
        (await Invoke([.. command, .. s_run])).Should().Be(ExitCode.Success, Errors);

        Printed.Should().MatchRegex("memory, GB +weights +mapped +program +questions +recording +loop +generation +total +free")
            .And.MatchRegex(@"cpu( +[0-9]+\.[0-9]{2}){8} +[0-9.]+ of [0-9.]+").And.Contain("computed together: ");
    }

    [TestCase("validate")]
    [TestCase("run", "--dry-run")]
    public async Task Command_ThatLooksAtARunThatCannotFit_PrintsThePlan_AndTheRefusal(params string[] command)
    {
        (await Invoke([.. command, .. s_run, "--memory", "0.001"])).Should().Be(ExitCode.Usage);

        Printed.Should().Contain("memory, GB").And.Contain("0.00 of 0.00");
        Errors.Should().Contain("cpu does not hold this").And.Contain("--memory unchecked");
    }

    [Test]
    public async Task Replay_ThatCannotFit_IsRefused_AndGoesOnUnchecked()
    {
        string[] replay = ["replay", s_picture, "How many?", "--max-new-tokens", "4", "--iterations", "1"];
        (await Invoke([.. replay, "--memory", "0.001"])).Should().Be(ExitCode.Usage);
        Errors.Should().Contain("cpu does not hold this").And.Contain("--models one");

        (await Invoke([.. replay, "--memory", "unchecked"])).Should().Be(ExitCode.Success, Errors);
    }

    [TestCase("lots")]
    [TestCase("0")]
    public async Task Memory_OfAnotherForm_SaysWhatIsAllowed(string text)
    {
        (await Invoke(["run", .. s_run, "--memory", text, "--out", Folder.PathOf("out")])).Should().Be(ExitCode.Usage);
        Errors.Should().Contain($"'{text}'").And.Contain("free, unchecked, or a number of GB");
    }
}
