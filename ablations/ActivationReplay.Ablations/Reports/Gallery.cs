using ActivationReplay.Ablations.Storage;

namespace ActivationReplay.Ablations.Reports;

/// <summary>The answers of one cell to a question.</summary>
/// <param name="Shown">The answer that is shown: the first right one, or the first if none is right.</param>
/// <param name="Right">The number of right answers.</param>
/// <param name="Count">The number of answers, without errors.</param>
internal sealed record GalleryAnswer(SampleRow Shown, int Right, int Count)
{
    /// <summary>The turns of the conversation that led to it; empty where there was none.</summary>
    public IReadOnlyList<TurnEntry> Turns { get; init; } = [];

    /// <summary>Whether the question was solved at least once.</summary>
    public bool Solved => Right > 0;
}

/// <summary>A question that the featured cell and RLVR alone disagree on.</summary>
/// <param name="First">The featured cell's first journal entry.</param>
/// <param name="Base">Null where the run has no answer of the base model.</param>
/// <param name="Rlvr">RLVR alone.</param>
/// <param name="Replay">The featured cell.</param>
internal sealed record GalleryItem(JournalEntry First, GalleryAnswer? Base, GalleryAnswer Rlvr, GalleryAnswer Replay);

/// <summary>
/// The questions that a cell solves and RLVR alone does not, and the reverse: solved is at least one right answer, so with one
/// answer a question it is right against wrong.
/// </summary>
/// <param name="Cell">The featured cell; null where the run has none.</param>
/// <param name="Missing">What the run lacks for a gallery, in words; empty where it has all.</param>
/// <param name="Comparable">Whether the cell and RLVR alone answered a question in common.</param>
/// <param name="Fixed">RLVR does not solve it, the cell does; in order of the data set.</param>
/// <param name="Broken">RLVR solves it, the cell does not.</param>
internal sealed record Gallery(
    CellRow? Cell,
    IReadOnlyList<string> Missing,
    bool Comparable,
    IReadOnlyList<GalleryItem> Fixed,
    IReadOnlyList<GalleryItem> Broken)
{
    /// <summary>Finds the questions.</summary>
    public static Gallery Of(RunReport report, IEnumerable<JournalEntry> entries)
    {
        var cell = Headline.Featured(report);
        var good = entries.Where(e => e.Row.Error is null).OrderBy(e => e.Index).ThenBy(e => e.Row.Repetition).ToLookup(e => e.Row.Cell);
        var missing = Missings(report, cell, good).ToList();
        if (cell is null)
        {
            return new Gallery(cell, missing, false, [], []);
        }

        var (originals, rlvr) = (Answers(good[Reference(report, cell, "base")]), Answers(good[Reference(report, cell, "none")]));
        GalleryItem[] both =
        [
            .. good[cell.Cell].GroupBy(e => e.Row.Sample).Where(q => rlvr.ContainsKey(q.Key)).Select(q => new GalleryItem(
                q.First(), originals.GetValueOrDefault(q.Key), rlvr[q.Key], Answer(q))),
        ];
        return new Gallery(
            cell,
            missing,
            both.Length > 0,
            [.. both.Where(i => i.Replay.Solved && !i.Rlvr.Solved)],
            [.. both.Where(i => !i.Replay.Solved && i.Rlvr.Solved)]);
    }

    private static IEnumerable<string> Missings(RunReport report, CellRow? cell, ILookup<string, JournalEntry> good)
    {
        if (cell is null)
        {
            yield return "This run has no cell beside base and none, so there is nothing that could fix or break an answer.";
            yield break;
        }

        if (!good.Contains(cell.Cell))
        {
            yield return $"The cell “{cell.Cell}” has no answer without an error.";
        }

        foreach (var (method, name) in new[] { ("none", "RLVR alone"), ("base", "the base model") })
        {
            var id = Reference(report, cell, method);
            if (!report.Cells.Any(c => c.Cell == id))
            {
                yield return $"This run has no cell “{id}”: answers of {name} are missing.";
            }
            else if (!good.Contains(id))
            {
                yield return $"The cell “{id}” has no answer without an error.";
            }
        }
    }

    // The method's cell with the same tool.
    private static string Reference(RunReport report, CellRow cell, string method) =>
        report.Cells.FirstOrDefault(c => c.Settings.Method == method && c.Settings.Tool == cell.Settings.Tool)?.Cell ?? method;

    private static Dictionary<string, GalleryAnswer> Answers(IEnumerable<JournalEntry> entries) =>
        entries.GroupBy(e => e.Row.Sample).ToDictionary(q => q.Key, Answer);

    private static GalleryAnswer Answer(IEnumerable<JournalEntry> question)
    {
        JournalEntry[] all = [.. question];
        var shown = Array.Find(all, e => e.Row.Correct == true) ?? all[0];
        return new GalleryAnswer(shown.Row, all.Count(e => e.Row.Correct == true), all.Length) { Turns = shown.Turns ?? [] };
    }
}
