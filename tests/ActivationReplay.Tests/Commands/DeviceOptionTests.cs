using ActivationReplay.Ablations.Commands;
using ActivationReplay.Benchmarks;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary>Devices that are not there, by every command that takes one.</summary>
public sealed class DeviceOptionTests : CommandTest
{
    private static readonly string s_picture = Path.Combine(Goldens.Repository, "ablations", "datasets", "counting", "images", "0000.png");

    private static readonly string[][] s_commands =
    [
        ["run"],
        ["validate"],
        ["replay", s_picture, "How many?"],
        ["lens"],
        ["calibrate"],
        ["parity", Goldens.Repository],
    ];

    private static IEnumerable<TestCaseData> Cases() =>
        from command in s_commands
        from device in new[] { "cuda:9", "cuda:x", "mps", "gpu", "", "CUDA:0", "cpu:3", "base=cpu,rlvr=mps" }
        select new TestCaseData(command, device).SetArgDisplayNames(command[0], device);

    [TestCaseSource(nameof(Cases))]
    public async Task Command_WithADeviceThatIsNotThere_SaysWhatThereIs_AndMakesNothing(string[] command, string device)
    {
        string[] output = command[0] is "validate" or "replay" or "parity" ? [] : ["--out", Folder.PathOf("out")];

        var code = await CommandLine.RunAsync([.. command, "--device", device, .. output]);

        code.Should().Be(ExitCode.Usage);
        Errors.Should().Contain($"'{device}'").And.Contain("There ").And.NotContain("   at ");
        Directory.EnumerateFileSystemEntries(Folder.Path).Should().BeEmpty();
    }

    [TestCase("base=cpu", "says nothing of rlvr")]
    [TestCase("base=cpu,student=cpu", "'student' is none of the two models")]
    [TestCase("base=cpu,rlvr=cuda:9", "'cuda:9' is not there")]
    public async Task Run_WithHalfAMap_SaysWhatIsMissing(string device, string problem)
    {
        (await CommandLine.RunAsync(["run", "--device", device, "--out", Folder.PathOf("out")])).Should().Be(ExitCode.Usage);
        Errors.Should().Contain(problem).And.NotContain("   at ");
        Directory.EnumerateFileSystemEntries(Folder.Path).Should().BeEmpty();
    }

    [TestCase("gpu")]
    [TestCase("cuda:9")]
    [TestCase("")]
    public void Benchmarks_WithADeviceThatIsNotThere_SayWhatThereIs(string device)
    {
        BenchmarkProgram.Run(["goals", "--device", device]).Should().Be(ExitCode.Usage);
        Errors.Should().Contain($"'{device}'").And.Contain("There ").And.NotContain("   at ");
    }

    // Before any of them starts, and before anything is written.
    [TestCase("--filter", "*Decode*")]
    [TestCase("--filter", "*")]
    [TestCase("gpu", "profile")]
    [TestCase("roofline")]
    public void Benchmarks_OnAGpuThatIsNotThere_EndBeforeTheFirst(params string[] command)
    {
        if (ActivationReplay.Native.ComputeDevice.Gpus > 0)
        {
            Assert.Ignore("There is a GPU here.");
        }

        BenchmarkProgram.Run([.. command, "--device", "cuda", "--out", Folder.PathOf("out")]).Should().Be(ExitCode.Usage);
        Errors.Should().Contain("device 'cuda' is not there").And.Contain("There is cpu").And.NotContain("   at ");
        Directory.EnumerateFileSystemEntries(Folder.Path).Should().BeEmpty();
    }

    [TestCase("--filter", "*Decode*")]
    [TestCase("goals")]
    public void Benchmarks_OnASecondGpu_SayWhatChoosesIt(params string[] command)
    {
        BenchmarkProgram.Run([.. command, "--device", "cuda:1", "--out", Folder.PathOf("out")]).Should().Be(ExitCode.Usage);
        Errors.Should().NotContain("   at ");
    }

    [TestCase("train", "all")]
    [TestCase("evaluate")]
    public async Task Command_OfTheCpuAlone_TakesNoDevice(params string[] command)
    {
        (await CommandLine.RunAsync([.. command, "--device", "cuda"])).Should().Be(ExitCode.Usage);
        Errors.Should().Contain("--device").And.NotContain("   at ");
    }
}
