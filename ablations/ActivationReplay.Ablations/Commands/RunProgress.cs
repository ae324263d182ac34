using System.Diagnostics;
using System.Globalization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Runs;
using Spectre.Console;

namespace ActivationReplay.Ablations.Commands;

/// <summary>Cells with their accuracy so far, and the time left: a live table on a terminal, plain lines elsewhere.</summary>
internal sealed class RunProgress : IDisposable
{
    private readonly RunConfig config;
    private readonly int samples;
    private readonly Stopwatch watch = Stopwatch.StartNew();
    private readonly Dictionary<string, (int Correct, int Count)> cells;
    private readonly bool plain = Console.IsOutputRedirected;
    private TimeSpan? lastLine;
    private int done;

    public RunProgress(RunConfig config, int samples)
    {
        this.config = config;
        this.samples = samples;
        cells = config.Cells.ToDictionary(c => c.Id, _ => (0, 0));
    }

    /// <summary>Counts a sample's answers and shows where the run is.</summary>
    public void Add(IReadOnlyList<JournalEntry> entries)
    {
        done++;
        foreach (var row in entries.Select(e => e.Row))
        {
            var (correct, count) = cells[row.Cell];
            cells[row.Cell] = (correct + (row.Correct == true ? 1 : 0), count + 1);
        }

        var sinceLine = watch.Elapsed - lastLine ?? TimeSpan.MaxValue;
        if (plain ? done == samples || done == 1 || sinceLine > TimeSpan.FromSeconds(5) : sinceLine > TimeSpan.FromSeconds(0.2))
        {
            lastLine = watch.Elapsed;
            Show();
        }
    }

    public void Dispose()
    {
        if (!plain && done > 0)
        {
            CommandLine.Output.WriteLine();
        }
    }

    private void Show()
    {
        var left = watch.Elapsed / done * (samples - done);
        var accuracy = string.Join("  ", config.Cells.Take(6).Select(c => string.Create(
            CultureInfo.InvariantCulture, $"{c.Id} {(double)cells[c.Id].Correct / Math.Max(1, cells[c.Id].Count):0.00}")));
        var more = config.Cells.Count > 6 ? string.Create(CultureInfo.InvariantCulture, $"  (+{config.Cells.Count - 6} cells)") : "";
        var line = string.Create(
            CultureInfo.InvariantCulture, $"{done}/{samples} questions, {left:hh\\:mm\\:ss} left   {accuracy}{more}");
        if (plain)
        {
            Console.WriteLine(line);
        }
        else
        {
            // One line, written over.
            Console.Write("\r" + (line.Length < Console.WindowWidth ? line.PadRight(Console.WindowWidth - 1) : line[..(Console.WindowWidth - 1)]));
        }
    }
}
