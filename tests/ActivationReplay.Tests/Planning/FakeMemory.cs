using ActivationReplay.Ablations.Planning;
using ActivationReplay.Native;

namespace ActivationReplay.Tests.Planning;

/// <summary>A machine and GPUs with as much memory as a test says; the GPUs are seen through a driver.</summary>
internal sealed class FakeMemory(long cpu, params long[] gpus) : IMemorySource, IGpuDriver
{
    public IReadOnlyList<GpuDevice> Devices() => [.. gpus.Select((free, i) => new GpuDevice(i, $"Fake {i}", 2 * free, free))];

    public DeviceMemory? Of(string device) =>
        device == "cpu" ? new DeviceMemory(2 * cpu, cpu) : new SystemMemory(this, new MachineMemory()).Of(device);
}
