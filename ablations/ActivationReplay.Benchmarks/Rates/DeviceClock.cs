using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace ActivationReplay.Benchmarks.Rates;

/// <summary>Wall-clock time of work on a device.</summary>
internal static class DeviceClock
{
    /// <summary>Waits until the device has done what it was given; nothing to wait for on the CPU.</summary>
    public static void Synchronise(Device device)
    {
        if (device.type == DeviceType.CUDA)
        {
            cuda.synchronize();
        }
    }

    /// <summary>Seconds that <paramref name="work"/> takes, from an idle device to an idle device.</summary>
    public static double Seconds(Device device, Action work)
    {
        Synchronise(device);
        var watch = Stopwatch.StartNew();
        work();
        Synchronise(device);
        return watch.Elapsed.TotalSeconds;
    }
}
