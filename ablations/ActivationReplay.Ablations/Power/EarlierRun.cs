using System.Globalization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Tables;
using ActivationReplay.Evaluation.Statistics;

namespace ActivationReplay.Ablations.Power;

/// <summary>An earlier run of the same pair, whose differences to RLVR stand for those of a run to be made.</summary>
internal sealed class EarlierRun
{
    private readonly string name;
    private readonly RunConfig config;
    private readonly RunConfig earlier;
    private readonly List<(Cell Cell, CellRow Row)> measured;

    private EarlierRun(string name, RunConfig config, RunConfig earlier, List<(Cell Cell, CellRow Row)> measured) =>
        (this.name, this.config, this.earlier, this.measured) = (name, config, earlier, measured);

    /// <summary>The questions that it compared, at most.</summary>
    public int Questions => measured.Max(m => m.Row.ToRlvr?.Questions ?? 0);

    /// <summary>Takes a run.</summary>
    /// <param name="stored">The earlier one.</param>
    /// <param name="config">The one to be made.</param>
    /// <param name="isGraded">Whether its answers are scored between 0 and 1.</param>
    /// <param name="fingerprints">Of its base and RLVR checkpoints; null where these are not there.</param>
    /// <exception cref="ArgumentException">The earlier one is of another pair, scored or drawn otherwise, or compares nothing with RLVR.</exception>
    public static EarlierRun Of(StoredRun stored, RunConfig config, bool isGraded, (string Base, string Rlvr)? fingerprints)
    {
        var (manifest, report) = (stored.Manifest, stored.Report());
        if (fingerprints is { } own)
        {
            Require("the base checkpoint's fingerprint", manifest.BaseFingerprint, own.Base);
            Require("the RLVR checkpoint's fingerprint", manifest.RlvrFingerprint, own.Rlvr);
        }

        Require("scoring", Scoring(IsGraded(report), manifest.Config), Scoring(isGraded, config));
        Require("how answers are drawn", Drawing(manifest.Config), Drawing(config));
        var rows = report.Cells.ToDictionary(r => r.Cell);
        var measured = manifest.Config.Cells.Where(c => rows.ContainsKey(c.Id)).Select(c => (Cell: c, Row: rows[c.Id])).ToList();
        return measured.Exists(m => m.Row.ToRlvr?.MeanSquare is not null)
            ? new EarlierRun(stored.Name, config, manifest.Config, measured)
            : throw new ArgumentException($"--like {stored.Name}: none of its cells is compared with RLVR alone (none) on a question that both answered; a run with none and another cell is needed.");

        void Require(string what, string theirs, string ours)
        {
            if (theirs != ours)
            {
                throw new ArgumentException($"--like {stored.Name}: {what} is {theirs} there, {ours} here; its differences say nothing of this run's.");
            }
        }
    }

    /// <summary>How far a cell's answers lay from RLVR's: in the same cell, else the farthest of its method, else the farthest of all.</summary>
    /// <exception cref="ArgumentException">It had too many answers a question to tell what fewer have.</exception>
    public CellSpread SpreadOf(Cell cell)
    {
        var compared = measured.Where(m => m.Row.ToRlvr?.MeanSquare is not null).ToList();
        var key = RowKey.Of(config, cell);
        var same = compared.FindAll(m => RowKey.Of(earlier, m.Cell).Equals(key));
        var alike = same.Count > 0 ? same : compared.FindAll(m => m.Cell.Method == cell.Method && m.Cell.Tool == cell.Tool);
        var chosen = alike.Count > 0 ? alike : compared;
        var farthest = chosen.Select(m => (m.Cell.Id, Square: MeanSquare(m.Row), To: m.Row.ToRlvr!, Answers: AnswersOf(m.Row))).MaxBy(m => m.Square);

        // Fewer answers show a difference on fewer questions: of one that differs in n answers, w of them show it with a chance of at least w / n.
        var share = Math.Min(1, config.Generation.Samples / (double)Math.Max(1, farthest.Answers));
        var discordance = Math.Max(1, (farthest.To.Better + farthest.To.Worse ?? 0) * share) / farthest.To.Questions!.Value;
        return new CellSpread(farthest.Square, discordance, same.Count > 0 ? "the same cell"
            : alike.Count == 1 ? $"'{farthest.Id}'"
            : alike.Count > 0 ? $"'{farthest.Id}', the farthest of its method"
            : $"'{farthest.Id}', the farthest of all: it has no {cell.Method.Id}");
    }

    /// <summary>Seconds that a question took, of all cells of the run to be made; null where one's method has no answer there.</summary>
    public double? SecondsAQuestion => config.Cells.Sum(cell =>
    {
        var key = RowKey.Of(config, cell);
        var times = measured.Where(m => RowKey.Of(earlier, m.Cell).Equals(key)).Select(m => m.Row.Times.Total).FirstOrDefault(t => t is not null)
            ?? measured.Where(m => m.Cell.Method == cell.Method).Max(m => m.Row.Times.Total);
        return times * config.Generation.Samples ?? double.NaN;
    }) is var seconds && double.IsFinite(seconds) ? seconds : null;

    private double MeanSquare(CellRow row)
    {
        var (to, answers, wanted) = (row.ToRlvr!, AnswersOf(row), config.Generation.Samples);

        // Where no answer differed, as though one question had.
        var square = Math.Max(to.MeanSquare!.Value, to.MeanSquare == 0 ? 1.0 / to.Questions!.Value : 0);
        return (to.Within, wanted) switch
        {
            _ when wanted == answers => square,
            ({ } within, _) => DifferenceSpread.Measured(square, within, answers).MeanSquare(wanted),

            // At most as far with more answers.
            _ when wanted > answers => square,
            _ => throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"--like {name}: its tables are of {answers} answers a question and do not say what {wanted} would differ by (column rlvr_within); report makes them anew from its journal.")),
        };
    }

    private static int AnswersOf(CellRow row) => Math.Max(1, row.Answers / row.Questions);

    private static bool IsGraded(RunReport report) => report.Samples.Any(s => s.Score is not null)
        || report.Cells.Any(c => c.Questions > 0 && c.Answers == c.Questions && Math.Abs((c.Accuracy * c.Questions) - Math.Round(c.Accuracy * c.Questions)) > 1e-6);

    private static string Scoring(bool isGraded, RunConfig config) =>
        (isGraded ? "from 0 to 1" : "right or wrong") + (config.Agent is null ? "" : ", of conversations");

    private static string Drawing(RunConfig config) => config.Generation.Temperature == 0
        ? "greedy"
        : string.Create(CultureInfo.InvariantCulture, $"temperature {config.Generation.Temperature}, top-p {config.Generation.TopP}, top-k {config.Generation.TopK}");
}
