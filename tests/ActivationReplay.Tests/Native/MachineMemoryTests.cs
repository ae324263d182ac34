using ActivationReplay.Native;
using ActivationReplay.Tests.Checkpoints;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Native;

/// <summary>Files of a Linux system, made for the test.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class MachineMemoryTests : IDisposable
{
    private const long Kilo = 1024;
    private readonly TempFolder root = new();

    public MachineMemoryTests() =>
        Write("proc/meminfo", "MemTotal:       64000 kB\nMemFree:         1000 kB\nMemAvailable:   40000 kB\nSwapTotal:       8000 kB\nSwapFree:        5000 kB\nHugePages_Total:       0\n");

    public void Dispose() => root.Dispose();

    [Test]
    public void Read_CountsCacheAndSwapAsFree() => Read().Should().Be(new DeviceMemory(72000 * Kilo, 45000 * Kilo));

    [Test]
    public void Read_InAGroupOfVersion2_CountsItsLimit_WithoutTheCacheThatItHolds()
    {
        Write("proc/self/cgroup", "0::/job/step\n");
        Write("sys/fs/cgroup/job/memory.max", $"{20000 * Kilo}\n");
        Write("sys/fs/cgroup/job/memory.current", $"{15000 * Kilo}\n");
        Write("sys/fs/cgroup/job/memory.swap.max", "0\n");
        Write("sys/fs/cgroup/job/memory.stat", $"anon 5\ninactive_file {6000 * Kilo}\n");
        Write("sys/fs/cgroup/job/step/memory.max", "max\n");

        Read().Should().Be(new DeviceMemory(20000 * Kilo, 11000 * Kilo));
    }

    [Test]
    public void Read_InAGroupWithoutALimitOfSwap_CountsTheMachinesSwap()
    {
        Write("proc/self/cgroup", "0::/\n");
        Write("sys/fs/cgroup/memory.max", $"{20000 * Kilo}\n");
        Write("sys/fs/cgroup/memory.current", $"{15000 * Kilo}\n");
        Write("sys/fs/cgroup/memory.swap.max", "max\n");

        Read().Should().Be(new DeviceMemory(28000 * Kilo, 10000 * Kilo));
    }

    [Test]
    public void Read_InAGroupOfVersion1_CountsItsLimit()
    {
        Write("proc/self/cgroup", "12:cpu,cpuacct:/x\n5:memory:/job\n0::/other\n");
        Write("sys/fs/cgroup/memory/job/memory.limit_in_bytes", $"{10000 * Kilo}\n");
        Write("sys/fs/cgroup/memory/job/memory.usage_in_bytes", $"{9000 * Kilo}\n");
        Write("sys/fs/cgroup/memory/job/memory.memsw.limit_in_bytes", $"{10000 * Kilo}\n");
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");

        Read().Should().Be(new DeviceMemory(10000 * Kilo, 1000 * Kilo));
    }

    [Test]
    [Platform("Linux")]
    public void Read_OfThisMachine_IsPlausible()
    {
        var memory = new MachineMemory().Read();

        memory.Free.Should().BePositive().And.BeLessThanOrEqualTo(memory.Total);
    }

    private DeviceMemory Read() => new MachineMemory(root.Path).Read();

    private void Write(string path, string text)
    {
        var file = Path.Combine(root.Path, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
