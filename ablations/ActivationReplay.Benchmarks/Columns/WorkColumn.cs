using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace ActivationReplay.Benchmarks.Columns;

/// <summary>A column computed from the ledger's entry and the median time of an operation.</summary>
/// <param name="name">Header.</param>
/// <param name="legend">What it says, under the table.</param>
/// <param name="value">Entry and median seconds of an operation to the number shown; null shows a dash.</param>
/// <param name="priority">Order among these columns.</param>
internal sealed class WorkColumn(string name, string legend, Func<LedgerEntry, double, double?> value, int priority) : IColumn
{
    private const double Giga = 1e9;
    private const double MiB = 1 << 20;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<IColumn> All { get; } =
    [
        new WorkColumn("GFLOP", "Operations that the result needs, counted (FlopCount, LoopWork); 10⁹", (e, _) => Positive(e.Work.Flop / Giga), 0),
        new WorkColumn("GFLOP/s", "Needed operations a second", (e, s) => Positive(e.Work.Flop / s / Giga), 1),
        new WorkColumn(
            "Of product", "GFLOP/s as a share of the rate of a large matrix product (2048³, on a GPU 8192³) of the same type in the same process",
            (e, s) => Positive(e.Work.Flop / s / e.ProductRate), 2),
        new WorkColumn("MB", "Bytes that must come from memory; 10⁶", (e, _) => Positive(e.Work.Bytes / 1e6), 3),
        new WorkColumn("GB/s", "Those bytes a second", (e, s) => Positive(e.Work.Bytes / s / Giga), 4),
        new WorkColumn("Of floor", "The floor (operations at that product's rate, or bytes at that of a large copy, whichever takes longer) as a share of the time", (e, s) => Positive(e.Floor / s), 5),
        new WorkColumn("Peak MiB", "Extra memory of the process at the highest point of one call, on the CPU; 2²⁰ bytes", (e, _) => e.PeakBytes / MiB, 6),
    ];

    /// <inheritdoc/>
    public string Id => $"{nameof(WorkColumn)}.{name}";

    /// <inheritdoc/>
    public string ColumnName => name;

    /// <inheritdoc/>
    public bool AlwaysShow => true;

    /// <inheritdoc/>
    public ColumnCategory Category => ColumnCategory.Custom;

    /// <inheritdoc/>
    public int PriorityInCategory => priority;

    /// <inheritdoc/>
    public bool IsNumeric => true;

    /// <inheritdoc/>
    public UnitType UnitType => UnitType.Dimensionless;

    /// <inheritdoc/>
    public string Legend => legend;

    /// <inheritdoc/>
    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        var key = Ledger.Key(
            benchmarkCase.Descriptor.Type.Name,
            benchmarkCase.Descriptor.WorkloadMethod.Name,
            benchmarkCase.Parameters.Items.Select(p => (p.Name, (object?)p.Value)));
        return Ledger.Find(key) is { } entry
            && summary[benchmarkCase]?.ResultStatistics is { } statistics
            && value(entry, statistics.Median / Giga) is { } number
                ? number.ToString(number is >= 100 or <= -100 ? "0" : number is >= 10 or <= -10 ? "0.0" : "0.000", CultureInfo.InvariantCulture)
                : "-";
    }

    /// <inheritdoc/>
    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    /// <inheritdoc/>
    public bool IsAvailable(Summary summary) => true;

    /// <inheritdoc/>
    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    private static double? Positive(double? number) => number > 0 ? number : null;
}
