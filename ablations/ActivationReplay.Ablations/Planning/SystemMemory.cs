using System.Globalization;
using ActivationReplay.Native;

namespace ActivationReplay.Ablations.Planning;

/// <summary>What says how much memory devices have.</summary>
internal interface IMemorySource
{
    /// <summary>The memory of a device; null where the device is not there.</summary>
    /// <param name="device">cpu or cuda:N.</param>
    DeviceMemory? Of(string device);
}

/// <summary>The memory of this machine and of its GPUs, as their driver tells it: CUDA_VISIBLE_DEVICES counts.</summary>
/// <param name="driver">The GPUs' driver.</param>
/// <param name="machine">The machine.</param>
internal sealed class SystemMemory(IGpuDriver driver, MachineMemory machine) : IMemorySource
{
    /// <summary>Of this machine.</summary>
    public static SystemMemory Here { get; } = new(new NvidiaDriver(), new MachineMemory());

    /// <inheritdoc/>
    /// <exception cref="GpuDriverException">There is a driver, and it fails.</exception>
    public DeviceMemory? Of(string device)
    {
        if (device == "cpu")
        {
            return machine.Read();
        }

        var index = int.Parse(device.Split(':')[1], CultureInfo.InvariantCulture);
        return driver.Devices().FirstOrDefault(d => d.Index == index) is { } gpu ? new DeviceMemory(gpu.TotalBytes, gpu.FreeBytes) : null;
    }
}
