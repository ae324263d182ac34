using System.Runtime.InteropServices;
using System.Text;

namespace ActivationReplay.Native;

/// <summary>
/// NVIDIA's driver, through its libraries libcuda (names, totals, the order of this process) and NVML (free memory, which libcuda
/// tells of a device only after giving it a context of some hundred MB).
/// </summary>
public sealed unsafe class NvidiaDriver : IGpuDriver
{
    private const int NoDevice = 100; // CUDA_ERROR_NO_DEVICE
    private const int NameBytes = 256;
    private const int UuidBytes = 16;
    private readonly Func<string, nint> cuda;
    private readonly Func<string, nint> nvml;

    /// <summary>The driver of this machine.</summary>
    public NvidiaDriver()
        : this(Exports(OperatingSystem.IsWindows() ? "nvcuda" : "libcuda.so.1"), Exports(OperatingSystem.IsWindows() ? "nvml" : "libnvidia-ml.so.1"))
    {
    }

    /// <param name="cuda">The functions of libcuda by name; 0 is one that is not there.</param>
    /// <param name="nvml">The functions of NVML.</param>
    internal NvidiaDriver(Func<string, nint> cuda, Func<string, nint> nvml) => (this.cuda, this.nvml) = (cuda, nvml);

    /// <inheritdoc/>
    public IReadOnlyList<GpuDevice> Devices()
    {
        var start = (delegate* unmanaged<uint, int>)cuda("cuInit");
        if (start is null)
        {
            return [];
        }

        var code = start(0);
        if (code == NoDevice)
        {
            return [];
        }

        Check(code, "cuInit");
        int count;
        Check(((delegate* unmanaged<int*, int>)Need("cuDeviceGetCount"))(&count), "cuDeviceGetCount");
        var management = nvml("nvmlInit_v2") is var begin and not 0 && ((delegate* unmanaged<int>)begin)() == 0;
        try
        {
            return [.. Enumerable.Range(0, count).Select(index => Device(index, management))];
        }
        finally
        {
            if (management && nvml("nvmlShutdown") is var end and not 0)
            {
                ((delegate* unmanaged<int>)end)();
            }
        }
    }

    private GpuDevice Device(int index, bool management)
    {
        int device;
        Check(((delegate* unmanaged<int*, int, int>)Need("cuDeviceGet"))(&device, index), "cuDeviceGet");
        var name = stackalloc byte[NameBytes];
        Check(((delegate* unmanaged<byte*, int, int, int>)Need("cuDeviceGetName"))(name, NameBytes, device), "cuDeviceGetName");
        nuint total;
        Check(((delegate* unmanaged<nuint*, int, int>)Need("cuDeviceTotalMem_v2"))(&total, device), "cuDeviceTotalMem_v2");
        var free = management ? FreeByNvml(device) : null;
        return new(index, Marshal.PtrToStringUTF8((nint)name)!, (long)total, free ?? FreeByContext(device));
    }

    // Null where NVML does not know the device by its UUID, as in some containers.
    private long? FreeByNvml(int device)
    {
        if (cuda("cuDeviceGetUuid_v2") is not (var uuid and not 0) || nvml("nvmlDeviceGetHandleByUUID") is not (var find and not 0)
            || nvml("nvmlDeviceGetMemoryInfo") is not (var memory and not 0))
        {
            return null;
        }

        var bytes = stackalloc byte[UuidBytes];
        if (((delegate* unmanaged<byte*, int, int>)uuid)(bytes, device) != 0)
        {
            return null;
        }

        var numbers = stackalloc ulong[3]; // nvmlMemory_t: total, free, used
        var text = new Guid(new ReadOnlySpan<byte>(bytes, UuidBytes), bigEndian: true).ToString();
        foreach (var kind in new[] { "GPU-", "MIG-" })
        {
            nint handle;
            fixed (byte* key = Encoding.ASCII.GetBytes(kind + text + '\0'))
            {
                if (((delegate* unmanaged<byte*, nint*, int>)find)(key, &handle) == 0
                    && ((delegate* unmanaged<nint, ulong*, int>)memory)(handle, numbers) == 0)
                {
                    return (long)numbers[1];
                }
            }
        }

        return null;
    }

    private long FreeByContext(int device)
    {
        nint context;
        Check(((delegate* unmanaged<nint*, int, int>)Need("cuDevicePrimaryCtxRetain"))(&context, device), "cuDevicePrimaryCtxRetain");
        try
        {
            Check(((delegate* unmanaged<nint, int>)Need("cuCtxPushCurrent_v2"))(context), "cuCtxPushCurrent_v2");
            nuint free, total;
            var code = ((delegate* unmanaged<nuint*, nuint*, int>)Need("cuMemGetInfo_v2"))(&free, &total);
            nint popped;
            ((delegate* unmanaged<nint*, int>)Need("cuCtxPopCurrent_v2"))(&popped);
            Check(code, "cuMemGetInfo_v2");
            return (long)free;
        }
        finally
        {
            ((delegate* unmanaged<int, int>)Need("cuDevicePrimaryCtxRelease_v2"))(device);
        }
    }

    private nint Need(string function) => cuda(function) is var address and not 0
        ? address
        : throw new GpuDriverException($"The NVIDIA driver has no function {function}: it is too old. Install a newer one.");

    private void Check(int code, string function)
    {
        if (code == 0)
        {
            return;
        }

        byte* name = null;
        if (cuda("cuGetErrorName") is var say and not 0)
        {
            ((delegate* unmanaged<int, byte**, int>)say)(code, &name);
        }

        throw new GpuDriverException(
            $"The NVIDIA driver does not work: {function} says {(name is null ? $"error {code}" : Marshal.PtrToStringUTF8((nint)name))}. "
            + "nvidia-smi should list the GPU; after an update of the driver the machine must start anew.");
    }

    private static Func<string, nint> Exports(string library)
    {
        var handle = NativeLibrary.TryLoad(library, out var loaded) ? loaded : 0;
        return name => handle != 0 && NativeLibrary.TryGetExport(handle, name, out var export) ? export : 0;
    }
}
