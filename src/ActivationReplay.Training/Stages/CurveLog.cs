using System.Globalization;
using ActivationReplay.Files;

namespace ActivationReplay.Training.Stages;

/// <summary>Numbers by step as CSV, a row at a time. A resumed run drops the rows that it will compute again.</summary>
internal sealed class CurveLog : IDisposable
{
    private readonly StreamWriter writer;

    /// <summary>Opens the file; rows of steps before <paramref name="firstStep"/> stay.</summary>
    public CurveLog(string path, int firstStep, params string[] columns)
    {
        var kept = File.Exists(path)
            ? File.ReadLines(path).Skip(1).Where(line => Step(line) < firstStep).ToList()
            : [];
        AtomicFile.WriteText(path, string.Concat(kept.Prepend(string.Join(',', columns.Prepend("step"))).Select(line => $"{line}\n")));
        writer = new StreamWriter(path, append: true) { AutoFlush = true, NewLine = "\n" };
    }

    /// <summary>Adds a row.</summary>
    public void Add(int step, params double[] values) => writer.WriteLine(string.Join(
        ',', values.Select(v => v.ToString("G6", CultureInfo.InvariantCulture)).Prepend(step.ToString(CultureInfo.InvariantCulture))));

    /// <inheritdoc/>
    public void Dispose() => writer.Dispose();

    private static int Step(string line) => int.Parse(line.AsSpan(0, line.IndexOf(',', StringComparison.Ordinal)), CultureInfo.InvariantCulture);
}
