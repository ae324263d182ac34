using System.Runtime.InteropServices;
using System.Text;
using ActivationReplay.Native;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Native;

/// <summary>The driver's functions are stood in for by functions of this class, called as the real ones are.</summary>
[NonParallelizable] // they share what the machine is to be like
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed unsafe class NvidiaDriverTests
{
    private const int Unknown = 999;
    private static readonly long[] s_total = [80_000_000_000, 24_000_000_000];
    private static readonly long[] s_free = [79_000_000_000, 1_000_000_000];
    private static int startCode;
    private static int contexts;

    private readonly Dictionary<string, nint> cuda = new()
    {
        ["cuInit"] = (nint)(delegate* unmanaged<uint, int>)&Init,
        ["cuGetErrorName"] = (nint)(delegate* unmanaged<int, byte**, int>)&ErrorName,
        ["cuDeviceGetCount"] = (nint)(delegate* unmanaged<int*, int>)&Count,
        ["cuDeviceGet"] = (nint)(delegate* unmanaged<int*, int, int>)&Get,
        ["cuDeviceGetName"] = (nint)(delegate* unmanaged<byte*, int, int, int>)&Name,
        ["cuDeviceTotalMem_v2"] = (nint)(delegate* unmanaged<nuint*, int, int>)&Total,
        ["cuDeviceGetUuid_v2"] = (nint)(delegate* unmanaged<byte*, int, int>)&Uuid,
        ["cuDevicePrimaryCtxRetain"] = (nint)(delegate* unmanaged<nint*, int, int>)&Retain,
        ["cuDevicePrimaryCtxRelease_v2"] = (nint)(delegate* unmanaged<int, int>)&Release,
        ["cuCtxPushCurrent_v2"] = (nint)(delegate* unmanaged<nint, int>)&Push,
        ["cuCtxPopCurrent_v2"] = (nint)(delegate* unmanaged<nint*, int>)&Pop,
        ["cuMemGetInfo_v2"] = (nint)(delegate* unmanaged<nuint*, nuint*, int>)&ContextMemory,
    };

    private readonly Dictionary<string, nint> nvml = new()
    {
        ["nvmlInit_v2"] = (nint)(delegate* unmanaged<int>)&Nothing,
        ["nvmlShutdown"] = (nint)(delegate* unmanaged<int>)&Nothing,
        ["nvmlDeviceGetHandleByUUID"] = (nint)(delegate* unmanaged<byte*, nint*, int>)&ByUuid,
        ["nvmlDeviceGetMemoryInfo"] = (nint)(delegate* unmanaged<nint, ulong*, int>)&NvmlMemory,
    };

    [SetUp]
    public void Reset() => (startCode, contexts) = (0, 0);

    [Test]
    public void Devices_TellsNameTotalAndFree_WithoutAContext()
    {
        Driver().Devices().Should().Equal(
            new GpuDevice(0, "NVIDIA Fake 0", s_total[0], s_free[0]), new GpuDevice(1, "NVIDIA Fake 1", s_total[1], s_free[1]));
        contexts.Should().Be(0);
    }

    [Test]
    public void Devices_WithoutNvml_AsksInAContextAndGivesItBack()
    {
        nvml.Clear();

        Driver().Devices().Select(d => d.FreeBytes).Should().Equal(s_free);
        contexts.Should().Be(0, "each was given back");
    }

    [Test]
    public void Devices_WithoutADriver_AreNone()
    {
        cuda.Clear();
        Driver().Devices().Should().BeEmpty();
    }

    [Test]
    public void Devices_WithoutAGpu_AreNone()
    {
        startCode = 100;
        Driver().Devices().Should().BeEmpty();
    }

    [Test]
    public void Devices_WhereTheDriverFails_SaysWhatItSaid()
    {
        startCode = Unknown;
        FluentActions.Invoking(Driver().Devices).Should().Throw<GpuDriverException>().WithMessage("*cuInit says CUDA_ERROR_UNKNOWN*nvidia-smi*");
    }

    [Test]
    public void Devices_OfAnOldDriver_SaysWhatItLacks()
    {
        cuda.Remove("cuDeviceTotalMem_v2");
        FluentActions.Invoking(Driver().Devices).Should().Throw<GpuDriverException>().WithMessage("*cuDeviceTotalMem_v2*too old*");
    }

    [Test]
    public void Devices_OfThisMachine_AreFoundWithoutAnError() =>
        new NvidiaDriver().Devices().Where(d => d.TotalBytes <= 0 || d.FreeBytes > d.TotalBytes || d.Name.Length == 0).Should().BeEmpty();

    private NvidiaDriver Driver() => new(name => cuda.GetValueOrDefault(name), name => nvml.GetValueOrDefault(name));

    [UnmanagedCallersOnly]
    private static int Init(uint flags) => startCode;

    [UnmanagedCallersOnly]
    private static int ErrorName(int code, byte** name)
    {
        *name = code == Unknown ? (byte*)Marshal.StringToCoTaskMemUTF8("CUDA_ERROR_UNKNOWN") : null;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Count(int* count)
    {
        *count = s_total.Length;
        return 0;
    }

    // A device's number of the driver's own is not its index.
    [UnmanagedCallersOnly]
    private static int Get(int* device, int index)
    {
        *device = index + 40;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Name(byte* name, int length, int device)
    {
        Encoding.ASCII.GetBytes($"NVIDIA Fake {device - 40}\0").CopyTo(new Span<byte>(name, length));
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Total(nuint* bytes, int device)
    {
        *bytes = (nuint)s_total[device - 40];
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Uuid(byte* uuid, int device)
    {
        for (var i = 0; i < 16; i++)
        {
            uuid[i] = (byte)((i * 16) + device - 40);
        }

        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Retain(nint* context, int device)
    {
        contexts++;
        *context = device;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Release(int device)
    {
        contexts--;
        return 0;
    }

    [ThreadStatic]
    private static nint current;

    [UnmanagedCallersOnly]
    private static int Push(nint context)
    {
        current = context;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Pop(nint* context)
    {
        (*context, current) = (current, 0);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int ContextMemory(nuint* free, nuint* total)
    {
        (*free, *total) = ((nuint)s_free[current - 40], (nuint)s_total[current - 40]);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Nothing() => 0;

    // The second device is a slice of a GPU.
    [UnmanagedCallersOnly]
    private static int ByUuid(byte* text, nint* handle)
    {
        var index = Marshal.PtrToStringUTF8((nint)text) switch
        {
            "GPU-00102030-4050-6070-8090-a0b0c0d0e0f0" => 0,
            "MIG-01112131-4151-6171-8191-a1b1c1d1e1f1" => 1,
            _ => -1,
        };
        *handle = index + 7;
        return index < 0 ? 6 : 0;
    }

    [UnmanagedCallersOnly]
    private static int NvmlMemory(nint handle, ulong* numbers)
    {
        (numbers[0], numbers[1], numbers[2]) = ((ulong)s_total[handle - 7], (ulong)s_free[handle - 7], 0);
        return 0;
    }
}
