using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Native;

namespace ActivationReplay.Ablations.Planning;

/// <summary>What a run may take of each device.</summary>
/// <param name="limit">As <c>pair.memory</c> has it.</param>
/// <param name="source">What says how much there is.</param>
/// <param name="isShard">
/// Whether the run is one of several parts. What is free when each of them starts is chance, and would make them choose sizes that
/// differ: they choose by all that the device has.
/// </param>
internal sealed class MemoryBudget(MemoryLimit limit, IMemorySource source, bool isShard = false)
{
    /// <summary>The share of a device that one of several shards takes, whatever is free.</summary>
    public const double UsedByAShard = 0.9;

    // Left to others, and to what an allocator loses between its blocks.
    private const double Used = 0.95;

    // With more weights mapped than this share of the memory, no size of a batch makes room for their pages.
    private const double MostMapped = 0.75;

    private readonly Dictionary<string, DeviceMemory?> asked = [];

    /// <summary>Whether nothing is refused.</summary>
    public bool IsUnchecked => limit.IsUnchecked;

    /// <summary>The memory of a device, as the limit has it; null where nobody knows.</summary>
    public DeviceMemory? Of(string device)
    {
        if (!asked.TryGetValue(device, out var memory))
        {
            asked[device] = memory = limit.Bytes is { } bytes ? new DeviceMemory(bytes, bytes) : source.Of(device);
        }

        return memory;
    }

    /// <summary>Whether a plan keeps to what there is, even if its estimate is right to the byte.</summary>
    public bool Holds(MemoryPlan plan) => plan.Devices.All(Holds);

    /// <summary>Whether one device holds its part.</summary>
    public bool Holds(DevicePlan device)
    {
        if (limit.IsUnchecked || Of(device.Device) is not { } memory)
        {
            return true;
        }

        var most = limit.Bytes ?? (isShard ? (long)(memory.Total * UsedByAShard) : (long)(memory.Free * Used));
        var pages = device.Mapped + device.Weights + device.Program <= MostMapped * most ? 0 : device.Mapped;
        return device.Total - pages <= most;
    }

    /// <summary>
    /// Whether a device cannot hold its part: memory that nothing can take away from the run is more than is free, though the
    /// estimate be as much too high as it ever was. Files' pages are no such memory.
    /// </summary>
    public bool CannotHold(DevicePlan device) => !limit.IsUnchecked && Of(device.Device) is { } memory && device.Least > memory.Free;
}
