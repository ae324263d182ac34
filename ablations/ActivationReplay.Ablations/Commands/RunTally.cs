using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Execution;

namespace ActivationReplay.Ablations.Commands;

/// <summary>The progress of a run: accuracy by cell so far, rate and time left.</summary>
/// <param name="config">The configuration of the run.</param>
/// <param name="questions">The number of its questions.</param>
/// <param name="elapsed">Gives the time since the run began.</param>
internal sealed class RunTally(RunConfig config, int questions, Func<TimeSpan> elapsed)
{
    private readonly Dictionary<string, (double Score, int Answers, int Errors)> cells = config.Cells.ToDictionary(c => c.Id, _ => (0.0, 0, 0));
    private int computed;

    /// <summary>The number of finished questions, including those of an earlier run.</summary>
    public int Done { get; private set; }

    /// <summary>The number of all questions.</summary>
    public int Questions => questions;

    /// <summary>The questions per second that this process has computed; null before the first.</summary>
    public double? Rate => computed == 0 ? null : computed / Math.Max(elapsed().TotalSeconds, 1e-9);

    /// <summary>Time left at that rate; null before the first.</summary>
    public TimeSpan? Left => Rate is { } rate ? TimeSpan.FromSeconds((questions - Done) / rate) : null;

    /// <summary>The sum of scores (the right answers, where they are right or wrong), answers and errors of each cell, in the matrix's order.</summary>
    public IEnumerable<(string Cell, double Score, int Answers, int Errors)> Cells =>
        config.Cells.Select(c => (c.Id, cells[c.Id].Score, cells[c.Id].Answers, cells[c.Id].Errors));

    /// <summary>Counts a batch.</summary>
    public void Add(BatchResult batch)
    {
        Done += batch.Questions;
        computed += batch.WasHeld ? 0 : batch.Questions;
        foreach (var row in batch.Entries.Select(e => e.Row))
        {
            var (score, answers, errors) = cells[row.Cell];
            cells[row.Cell] = row.Error is null
                ? (score + row.Value, answers + 1, errors)
                : (score, answers, errors + 1);
        }
    }
}
