using System.Globalization;
using System.Text.Json;

namespace ActivationReplay.Ablations.Storage;

/// <summary>A process that writes a run's folder, as its lease tells others.</summary>
/// <param name="Token">Of this start alone.</param>
/// <param name="Machine">The machine since it was started, and its processes' name space: what has the same sees the same processes.</param>
/// <param name="Host">The machine's name, for people.</param>
/// <param name="Process">The number of the process there.</param>
/// <param name="Since">When it began, by its own clock; for people, too.</param>
/// <param name="Job">The job of a cluster that it belongs to, or null.</param>
internal sealed record LeaseHolder(string Token, string Machine, string Host, int Process, string Since, string? Job = null)
{
    private const string BootId = "/proc/sys/kernel/random/boot_id";
    private const string Processes = "/proc/self/ns/pid";

    /// <summary>What is the same for all processes that see each other.</summary>
    public static string ThisMachine { get; } = File.Exists(BootId)
        ? $"{File.ReadAllText(BootId).Trim()} {new FileInfo(Processes).LinkTarget}"
        : Environment.MachineName;

    /// <summary>This process.</summary>
    /// <param name="machine">What it takes for its machine.</param>
    public static LeaseHolder Here(string machine) => new(
        Guid.NewGuid().ToString("N"),
        machine,
        Environment.MachineName,
        Environment.ProcessId,
        DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        Environment.GetEnvironmentVariable("SLURM_JOB_ID"));

    /// <summary>Reads a lease; null where it is not whole, as one that is being written.</summary>
    public static LeaseHolder? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<LeaseHolder>(text.Split('\n')[0], JournalJson.Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The lease's text. All are of one length, so that one is written over another without a moment between.</summary>
    /// <param name="beat">Counts up: others see by it that the process is alive.</param>
    public string Text(long beat) => string.Create(CultureInfo.InvariantCulture, $"{JsonSerializer.Serialize(this, JournalJson.Options)}\n{beat:D12}\n");

    /// <summary>Whether the process is there, for a holder of this machine.</summary>
    public bool IsAlive()
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(Process);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"process {Process} on {Host}{(Job is null ? "" : $" (job {Job})")}, since {Since}");
}
