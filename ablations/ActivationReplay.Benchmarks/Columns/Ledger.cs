using System.Collections.Concurrent;
using ActivationReplay.Benchmarks.Counting;

namespace ActivationReplay.Benchmarks.Columns;

/// <summary>The work and the rates of a benchmark, determined in its set-up.</summary>
/// <param name="Work">The work of one operation.</param>
/// <param name="ProductRate">
/// Operations a second of a 2048³ product, measured in the same process just before; null where none is counted.
/// </param>
/// <param name="CopyRate">Bytes read and written a second by a large copy, measured there, too; null where none are counted.</param>
/// <param name="PeakBytes">Extra memory at the highest point of one call; null where it cannot be measured.</param>
internal sealed record LedgerEntry(Work Work, double? ProductRate, double? CopyRate, long? PeakBytes)
{
    /// <summary>Seconds that the work needs at the measured rates: its operations or its bytes, whichever take longer.</summary>
    public double Floor => Math.Max(Work.Flop / ProductRate ?? 0, Work.Bytes / CopyRate ?? 0);
}

/// <summary>
/// Where benchmarks leave what columns show. Both run in one process (<see cref="Configs.MeasureConfig"/>), so a table in
/// memory does.
/// </summary>
internal static class Ledger
{
    private static readonly ConcurrentDictionary<string, LedgerEntry> Entries = new();

    /// <summary>The key of a benchmark with its parameters.</summary>
    public static string Key(string type, string method, IEnumerable<(string Name, object? Value)> parameters) =>
        $"{type}.{method} {string.Join(", ", parameters.OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"{p.Name}={p.Value}"))}";

    /// <summary>Puts an entry in the place of an earlier one.</summary>
    public static void Set(string key, LedgerEntry entry) => Entries[key] = entry;

    /// <summary>The entry, or null.</summary>
    public static LedgerEntry? Find(string key) => Entries.GetValueOrDefault(key);
}
