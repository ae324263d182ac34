using ActivationReplay.Ablations.Doctor;
using ActivationReplay.Native;
using ActivationReplay.Tests.Checkpoints;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Doctor;

public sealed class CheckTests
{
    private static readonly GpuDevice s_gpu = new(0, "NVIDIA Fake", 80_000_000_000, 79_000_000_000);

    [Test]
    public void Checkup_RunsAllChecks_AndTellsFailuresByAdvice()
    {
        using var output = new StringWriter();

        var isWell = Checkup.Run(
            [new Fixed("first", () => Finding.Ok("fine")), new Fixed("second", () => Finding.Fail("broken\nin two lines", "mend it")), new Fixed("third", () => Finding.Warn("odd", "look"))],
            output);

        isWell.Should().BeFalse();
        output.ToString().Split(Environment.NewLine).Select(l => l.Trim()).Should().Equal(
            "ok    first        fine", "FAIL  second       broken", "in two lines", "-> mend it", "warn  third        odd", "-> look", "");
    }

    [Test]
    public void Checkup_OfWarningsAlone_IsWell() =>
        Checkup.Run([new Fixed("x", () => Finding.Warn("odd", "look"))], TextWriter.Null).Should().BeTrue();

    [Test]
    public void Checkup_WhereACheckThrows_SaysItInALineAndGoesOn()
    {
        using var output = new StringWriter();

        Checkup.Run(
            [
                new Fixed("thrown", () => throw new TypeInitializationException("torch", new InvalidOperationException("gone"))),
                new Fixed("next", () => Finding.Ok("fine")),
            ],
            output).Should().BeFalse();

        output.ToString().Should().Contain("InvalidOperationException: gone").And.Contain("next").And.NotContain("   at ");
    }

    [Test]
    public void LibtorchCheck_OfTheRightVersion_IsOk()
    {
        var check = new LibtorchCheck(() => new("/x/lib", Libtorch.BuiltFor + "+cu128", true, []));

        check.Run().Should().Match<Finding>(f => f.Health == Health.Ok && f.Says.Contains("/x/lib") && f.Says.Contains("installed"));
        check.IsLoaded.Should().BeTrue();
    }

    [Test]
    public void LibtorchCheck_OfAnotherVersion_Warns() => new LibtorchCheck(() => new("/x/lib", "2.11.0+cu130", true, [])).Run()
        .Should().Match<Finding>(f => f.Health == Health.Warning && f.Says.Contains("2.11.0+cu130") && f.Says.Contains(Libtorch.BuiltFor) && f.Advice!.Contains("parity"));

    [Test]
    public void LibtorchCheck_OfOneThatIsTakenUnchecked_SaysWhatItLacks() => new LibtorchCheck(() => new("/x/lib", "2.4.0", true, ["at::a()", "at::b()"])).Run()
        .Should().Match<Finding>(f => f.Health == Health.Warning && f.Says.Contains("lacks 2") && f.Advice!.Contains("at::b()"));

    [Test]
    public void LibtorchCheck_OfNone_Fails()
    {
        var check = new LibtorchCheck(() => throw new LibtorchException("There is no libtorch."));

        check.Run().Should().Match<Finding>(f => f.Health == Health.Failure && f.Says.Contains("no libtorch") && f.Advice!.Contains("--libtorch DIR"));
        check.IsLoaded.Should().BeFalse();
    }

    [TestCase(0, false, 0, Health.Ok, "the CPU computes")]
    [TestCase(0, true, 0, Health.Warning, "nvidia-smi")]
    [TestCase(1, false, 0, Health.Warning, "--libtorch DIR")]
    [TestCase(2, true, 1, Health.Failure, "newer than the driver")]
    [TestCase(1, true, 1, Health.Ok, "NVIDIA Fake, 79.0 of 80.0 GB free")]
    public void GpuCheck_ComparesDriverAndLibtorch(int devices, bool hasCuda, int gpus, object health, string says)
    {
        var driver = new FakeDriver([.. Enumerable.Range(0, devices).Select(i => s_gpu with { Index = i })]);

        var finding = new GpuCheck(driver, () => (hasCuda, gpus)).Run();

        finding.Health.Should().Be((Health)health);
        $"{finding.Says} {finding.Advice}".Should().Contain(says);
    }

    [Test]
    public void GpuCheck_OfAFullGpu_NamesIt() =>
        new GpuCheck(new FakeDriver([s_gpu, s_gpu with { Index = 1, FreeBytes = 1_000_000 }]), () => (true, 2)).Run()
            .Should().Match<Finding>(f => f.Health == Health.Warning && f.Advice!.Contains("cuda:1") && !f.Advice.Contains("cuda:0"));

    [Test]
    public void GpuCheck_WithoutLibtorch_TellsTheDriversGpus() =>
        new GpuCheck(new FakeDriver([s_gpu]), () => null).Run().Should().Match<Finding>(f => f.Health == Health.Ok && f.Says.Contains("NVIDIA Fake"));

    [Test]
    public void GpuCheck_OfABrokenDriver_Fails() =>
        new GpuCheck(new FakeDriver(null), () => (true, 0)).Run().Should().Match<Finding>(f => f.Health == Health.Failure && f.Says.Contains("broken"));

    [TestCase(2.0, 1.0, Health.Ok, "0.50")]
    [TestCase(1.0, 10.0, Health.Warning, "10.00")]
    public void Bf16Check_AdvisesByWhatWasMeasured(double fp32, double bf16, object health, string ratio)
    {
        var finding = new Bf16Check(type => type == ScalarType.BFloat16 ? bf16 : fp32).Run();

        finding.Health.Should().Be((Health)health);
        finding.Says.Should().Contain($"{ratio} of the time").And.Contain("1024");
        $"{finding.Says} {finding.Advice}".Should().Contain("--dtype");
    }

    [Test]
    public void DeviceCheck_OfTheCpu_IsWithinItsLimits()
    {
        using var model = new SmallModel();

        new DeviceCheck("cpu", model).Run().Health.Should().Be(Health.Ok);
        model.Logits(CPU).Should().Contain(x => x != 0).And.OnlyContain(x => float.IsFinite(x));
    }

    [Test]
    public void SmallModel_LeavesNoFiles()
    {
        var before = Directory.GetDirectories(Path.GetTempPath(), "activation-replay-doctor-*");
        using (var model = new SmallModel())
        {
            model.Logits(CPU);
        }

        Directory.GetDirectories(Path.GetTempPath(), "activation-replay-doctor-*").Except(before).Should().BeEmpty();
    }

    [TestCase("ffmpeg", "ffprobe")]
    [TestCase("ffprobe", "ffmpeg")]
    public void FfmpegCheck_NamesTheOneThatIsMissing(string there, string missing) =>
        new FfmpegCheck((program, _) => program == there ? "ffmpeg version 5.1 Copyright (c)" : null).Run()
            .Should().Match<Finding>(f => f.Health == Health.Warning && f.Says.StartsWith(missing + ":", StringComparison.Ordinal));

    [Test]
    public void FfmpegCheck_TellsTheVersion() =>
        new FfmpegCheck((_, _) => "ffmpeg version 5.1 Copyright (c) the developers\nbuilt with gcc").Run().Should().Be(Finding.Ok("ffmpeg version 5.1"));

    [Test]
    public void FolderCheck_OfAFolderThatIsNotThereYet_LooksAtTheOneAbove()
    {
        using var folder = new TempFolder();

        new FolderCheck("results", folder.PathOf("a", "b")).Run().Should().Match<Finding>(f => f.Says.StartsWith(folder.Path + ",", StringComparison.Ordinal));
        Directory.EnumerateFileSystemEntries(folder.Path).Should().BeEmpty();
    }

    [Test]
    [Platform("Linux")]
    public void FolderCheck_WhereNothingCanBeWritten_Fails() =>
        new FolderCheck("results", "/proc/results").Run().Should().Match<Finding>(f => f.Health == Health.Failure && f.Says.Contains("/proc") && f.Advice!.Contains("results"));

    private sealed class Fixed(string name, Func<Finding> find) : ICheck
    {
        public string Name => name;

        public Finding Run() => find();
    }

    // Null is a driver that fails.
    private sealed class FakeDriver(IReadOnlyList<GpuDevice>? devices) : IGpuDriver
    {
        public IReadOnlyList<GpuDevice> Devices() => devices ?? throw new GpuDriverException("broken");
    }
}
