using ActivationReplay.Native;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Native;

public sealed class ComputeDeviceTests
{
    private static readonly string[] s_names = ["cuda", "cuda:0", "cuda:9", "cuda:x", "mps", "gpu", "", "CUDA:0", "cpu:3", "cuda:-1", "cuda:99999999999", "cpu\n"];

    [TestCaseSource(nameof(s_names))]
    public void Problem_WithoutCuda_SaysWhatThereIsAndWhatToBuild(string name) =>
        ComputeDevice.Problem(name, hasCuda: false, gpus: 0).Should().Contain($"'{name}'").And.Contain("There is cpu").And.Contain("-p:Cuda=true");

    [TestCaseSource(nameof(s_names))]
    public void Problem_WithoutAGpu_SaysWhatToInstall(string name) =>
        ComputeDevice.Problem(name, hasCuda: true, gpus: 0).Should().Contain($"'{name}'").And.Contain("There is cpu").And.Contain("driver");

    [TestCase("cpu", 0)]
    [TestCase("cuda", 1)]
    [TestCase("cuda:0", 1)]
    [TestCase("cuda:3", 4)]
    public void Problem_OfADeviceThatIsThere_IsNone(string name, int gpus) => ComputeDevice.Problem(name, hasCuda: true, gpus).Should().BeNull();

    [TestCase("cuda:1", 1, "cuda (cuda:0)")]
    [TestCase("cuda:4", 4, "cuda:0 to cuda:3")]
    public void Problem_OfAGpuBeyondTheLast_ListsThoseThereAre(string name, int gpus, string listed) =>
        ComputeDevice.Problem(name, hasCuda: true, gpus).Should().Contain($"'{name}' is not there").And.Contain(listed);

    [Test]
    public void Parse_GivesTheCpu() => ComputeDevice.Parse("cpu").type.Should().Be(TorchSharp.DeviceType.CPU);
}
