using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Evaluation.Statistics;

namespace ActivationReplay.Ablations.Power;

/// <summary>How far a cell's answers lie from RLVR's.</summary>
/// <param name="MeanSquare">The mean square of the difference by question, with the run's number of answers.</param>
/// <param name="Discordance">The share of questions on which they differ at all.</param>
/// <param name="Source">Whose that is, in words.</param>
internal sealed record CellSpread(double MeanSquare, double Discordance, string Source);

/// <summary>What the comparison of a cell with RLVR alone can show, before it is made.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Spread">What its answers are taken to differ by.</param>
/// <param name="Smallest">The smallest difference with 80% power at the first step of Holm's correction; null where there is none.</param>
/// <param name="SmallestAlone">The same without correction.</param>
/// <param name="Needed">Questions that show the wanted difference, at that step; null where none is wanted, or too many are needed.</param>
/// <param name="NeededAlone">The same without correction.</param>
internal sealed record PowerRow(Cell Cell, CellSpread Spread, double? Smallest, double? SmallestAlone, int? Needed, int? NeededAlone);

/// <summary>What a run can show of differences to RLVR alone, before it is run.</summary>
/// <param name="Questions">Its questions.</param>
/// <param name="Answers">Answers a question.</param>
/// <param name="IsGraded">Whether answers are scored between 0 and 1.</param>
/// <param name="Wanted">The difference that is to be seen, or null.</param>
/// <param name="Rows">A row a cell that is compared with RLVR.</param>
internal sealed record PowerPlan(int Questions, int Answers, bool IsGraded, double? Wanted, IReadOnlyList<PowerRow> Rows)
{
    /// <summary>Plans the comparisons of a run.</summary>
    /// <param name="config">The run.</param>
    /// <param name="questions">Its questions.</param>
    /// <param name="isGraded">Whether answers are scored between 0 and 1.</param>
    /// <param name="wanted">The difference that is to be seen, or null.</param>
    /// <param name="spread">How far a cell's answers are taken to lie from RLVR's.</param>
    public static PowerPlan Of(RunConfig config, int questions, bool isGraded, double? wanted, Func<Cell, CellSpread> spread)
    {
        var cells = Compared(config);
        return new PowerPlan(questions, config.Generation.Samples, isGraded, wanted, [.. cells.Select(cell =>
        {
            var of = spread(cell);
            var alone = new PairedPower(of.MeanSquare, config.Generation.Samples == 1 && !isGraded, Discordance: of.Discordance);
            var first = alone with { Level = PairedPower.UsualLevel / cells.Count };
            return new PowerRow(
                cell, of, first.SmallestDifference(questions), alone.SmallestDifference(questions),
                wanted is { } w ? first.QuestionsFor(w) : null, wanted is { } a ? alone.QuestionsFor(a) : null);
        })]);
    }

    /// <summary>The cells that are compared with RLVR alone, and that Holm's correction counts.</summary>
    public static IReadOnlyList<Cell> Compared(RunConfig config) => [.. config.Cells.Where(c => References.Of(config, c, "none") is not null)];
}
