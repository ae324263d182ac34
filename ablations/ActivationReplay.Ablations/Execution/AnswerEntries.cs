using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Verification;
using ActivationReplay.Verification.Scores;

namespace ActivationReplay.Ablations.Execution;

/// <summary>What rows of all kinds of answers have in common.</summary>
/// <param name="config">The run.</param>
/// <param name="keys">Of its journal.</param>
internal sealed class AnswerEntries(RunConfig config, JournalKeys keys)
{
    /// <summary>Whether an exception is about a question, and not about the machine or the user's wish to stop.</summary>
    public static bool IsOfAQuestion(Exception e) => e is not (OutOfMemoryException or OperationCanceledException);

    /// <summary>The row of an answer that is not there yet.</summary>
    public SampleRow Blank(DatasetRow row, Cell cell) => new()
    {
        Cell = cell.Id,
        Sample = row.Id,
        Family = row.Sample?.Family,
        Cycle = row.Sample?.Cycle,
        Problem = row.Sample?.Problem,
        Seed = config.Generation.Seed,
        Question = row.Sample?.Question,
        Reference = row.Sample?.Answer,
        Settings = SettingColumns.Of(config, cell),
    };

    /// <summary>The row of an answer, judged.</summary>
    /// <param name="row">The question.</param>
    /// <param name="cell">The cell that answered.</param>
    /// <param name="text">What is judged.</param>
    public SampleRow Judged(DatasetRow row, Cell cell, string text)
    {
        var sample = row.Sample!;
        var verdict = AnswerVerifier.Verify(sample.Reference, text);
        return Blank(row, cell) with
        {
            Output = text,
            Extracted = verdict.Text,
            Rule = verdict.Rule.Name(),
            Correct = verdict.IsCorrect,
            Score = sample.Kind.IsGraded() ? verdict.Score : null,
        };
    }

    /// <summary>The error rows of a question, one a cell.</summary>
    public IReadOnlyList<JournalEntry> Failed(
        DatasetRow row, int index, IReadOnlyList<Cell> cells, string error, string? trace = null, int repetition = 0) =>
    [
        .. cells.Select(cell => new JournalEntry(
            keys.Of(row, cell, repetition), index, Blank(row, cell) with { Repetition = repetition, Error = error }, [], Trace: trace)),
    ];
}
