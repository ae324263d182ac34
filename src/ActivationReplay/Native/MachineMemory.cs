using System.Globalization;

namespace ActivationReplay.Native;

/// <summary>Memory of a device.</summary>
/// <param name="Total">All that this process could ever have of it, bytes.</param>
/// <param name="Free">What it could have now.</param>
public readonly record struct DeviceMemory(long Total, long Free);

/// <summary>
/// The memory of this machine, as far as its control groups (containers, Slurm, systemd) let this process use it. Free is what can
/// be had without ending another process: the system's cache of files is, and so is swap.
/// </summary>
/// <param name="root">The root of the file system, for tests.</param>
public sealed class MachineMemory(string root = "/")
{
    /// <summary>Asks the system.</summary>
    public DeviceMemory Read()
    {
        if (!File.Exists(Path.Combine(root, "proc/meminfo")))
        {
            // Windows and macOS tell .NET their totals, and how much of them all processes hold.
            var memory = GC.GetGCMemoryInfo();
            return new DeviceMemory(memory.TotalAvailableMemoryBytes, Math.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes));
        }

        var lines = File.ReadLines(Path.Combine(root, "proc/meminfo")).Select(line => line.Split(':', 2)).ToDictionary(p => p[0], p => Kilobytes(p[1]));
        var machine = new DeviceMemory(
            lines["MemTotal"] + lines.GetValueOrDefault("SwapTotal"),
            lines.GetValueOrDefault("MemAvailable", lines["MemFree"]) + lines.GetValueOrDefault("SwapFree"));
        return Groups(new DeviceMemory(lines.GetValueOrDefault("SwapTotal"), lines.GetValueOrDefault("SwapFree"))).Aggregate(machine, (all, group) => new DeviceMemory(Math.Min(all.Total, group.Total), Math.Min(all.Free, group.Free)));
    }

    // The limits of the process's control group and of those around it: version 2, and the memory controller of version 1.
    private IEnumerable<DeviceMemory> Groups(DeviceMemory machineSwap)
    {
        var list = Path.Combine(root, "proc/self/cgroup");
        foreach (var line in File.Exists(list) ? File.ReadLines(list) : [])
        {
            if (line.Split(':', 3) is not [_, var controllers, var group])
            {
                continue;
            }

            var (mount, limit, used, swap, cache) = controllers.Length == 0
                ? ("sys/fs/cgroup", "memory.max", "memory.current", "memory.swap.max", "inactive_file")
                : ("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "memory.memsw.limit_in_bytes", "total_inactive_file");
            if (controllers.Length > 0 && !controllers.Split(',').Contains("memory"))
            {
                continue;
            }

            // In a container the group's own path is often not visible; its limits are then those of the mount's root.
            for (var path = group.Trim('/'); ; path = Path.GetDirectoryName(path) ?? "")
            {
                var folder = Path.Combine(root, mount, path);
                if (Number(Path.Combine(folder, limit)) is { } most)
                {
                    // Version 1 limits memory and swap together.
                    var more = Number(Path.Combine(folder, swap)) is { } swapped ? controllers.Length == 0 ? swapped : Math.Max(0, swapped - most) : long.MaxValue;
                    var held = (Number(Path.Combine(folder, used)) ?? 0) - Cache(Path.Combine(folder, "memory.stat"), cache);
                    yield return new DeviceMemory(most + Math.Min(more, machineSwap.Total), Math.Max(0, most - held) + Math.Min(more, machineSwap.Free));
                }

                if (path.Length == 0)
                {
                    break;
                }
            }
        }
    }

    private static long Cache(string file, string key) => File.Exists(file)
        ? File.ReadLines(file).Select(line => line.Split(' ')).Where(p => p[0] == key).Select(p => long.Parse(p[1], CultureInfo.InvariantCulture)).FirstOrDefault()
        : 0;

    // Null where there is no such file, or no limit: "max", or in version 1 a number of all bits.
    private static long? Number(string file) =>
        File.Exists(file) && long.TryParse(File.ReadAllText(file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value < 1L << 60
            ? value
            : null;

    private static long Kilobytes(string text) => 1024 * long.Parse(text.Trim().Split(' ')[0], CultureInfo.InvariantCulture);
}
