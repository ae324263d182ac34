using System.Globalization;
using System.Runtime.InteropServices;
using ActivationReplay.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace ActivationReplay.Benchmarks.Rates;

/// <summary>
/// Memory of this process as the operating system counts it, weights that are mapped from files included.
/// On Linux the kernel's high-water mark of resident memory (VmHWM) is reset, so that a peak is of the measured work alone;
/// on CUDA it is what libtorch's allocator has reserved, which it keeps until the process ends.
/// </summary>
internal static partial class PeakMemory
{
    private const string Status = "/proc/self/status";
    private const string ClearRefs = "/proc/self/clear_refs";

    /// <summary>Whether peaks of work on a device can be measured here.</summary>
    public static bool IsAvailable(Device device) =>
        device.type == DeviceType.CUDA ? OperatingSystem.IsLinux() || OperatingSystem.IsWindows() : File.Exists(ClearRefs);

    /// <summary>
    /// Bytes at the highest point of <paramref name="work"/> beyond those before it. What was free in the process's heap
    /// is given back first, so that reused memory counts. Null where this system cannot say.
    /// </summary>
    public static long? Extra(Device device, Action work)
    {
        if (!IsAvailable(device))
        {
            work();
            return null;
        }

        if (device.type == DeviceType.CUDA)
        {
            cuda.synchronize();
            var free = FreeOnDevice();
            work();
            cuda.synchronize();
            return free - FreeOnDevice();
        }

        Settle();
        File.WriteAllText(ClearRefs, "5"); // resets the high-water mark to what is resident now
        var before = Read("VmRSS");
        work();
        return Read("VmHWM") - before;
    }

    /// <summary>The most resident bytes of this process so far; null where this system does not say.</summary>
    public static long? HighWater() => File.Exists(Status) ? Read("VmHWM") : null;

    /// <summary>Resident bytes now; null where this system does not say. What the heap does not need is given back first.</summary>
    public static long? Resident()
    {
        Settle();
        return File.Exists(Status) ? Read("VmRSS") : null;
    }

    private static void Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        if (OperatingSystem.IsLinux())
        {
            try
            {
                _ = malloc_trim(0);
            }
            catch (EntryPointNotFoundException)
            {
                // musl has no such function and returns memory by itself.
            }
        }
    }

    private static long Read(string key)
    {
        var line = File.ReadLines(Status).First(l => l.StartsWith(key + ":", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
    }

    // The first GPU is measured.
    private static long FreeOnDevice() => new NvidiaDriver().Devices()[0].FreeBytes;

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int malloc_trim(nuint pad);
}
