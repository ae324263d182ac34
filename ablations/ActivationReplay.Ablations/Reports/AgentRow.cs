using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Agents;
using CsvHelper.Configuration.Attributes;

namespace ActivationReplay.Ablations.Reports;

/// <summary>The conversations of a cell: a line of agents.csv. Shares are of its answers; intervals are 95%, over questions.</summary>
public sealed record AgentRow
{
    [Name("cell")] public required string Cell { get; init; }

    [Name("tool")] public string? Tool { get; init; }

    [Name("answers")] public int Answers { get; init; }

    [Name("turns_mean")] public double Turns { get; init; }

    [Name("calls_mean")] public double Calls { get; init; }

    /// <summary>The share of calls that got an error text back; empty without a call.</summary>
    [Name("refused")] public double? Refused { get; init; }

    [Name("ended_answered")] public double Answered { get; init; }

    [Name("ended_no_call")] public double NoCall { get; init; }

    [Name("ended_turns_used_up")] public double TurnsUsedUp { get; init; }

    [Name("ended_context_used_up")] public double ContextUsedUp { get; init; }

    /// <summary>Answers after at least one call that was carried out.</summary>
    [Name("after_call")] public int AfterCall { get; init; }

    /// <summary>The accuracy of these.</summary>
    [Name("after_call_accuracy")] public double? AfterCallAccuracy { get; init; }

    /// <summary>Answers without one.</summary>
    [Name("without_call")] public int WithoutCall { get; init; }

    /// <summary>The accuracy of these.</summary>
    [Name("without_call_accuracy")] public double? WithoutCallAccuracy { get; init; }

    /// <summary>Wrong answers after a call: what was looked at did not help, or led astray.</summary>
    [Name("wrong_call")] public int WrongCall { get; init; }

    /// <summary>Against the same cell without the tool, paired by question; empty where the run has none.</summary>
    [HeaderPrefix("tool_")] public CellComparison? ToNoTool { get; init; }

    /// <summary>A line a cell that holds conversations.</summary>
    public static IReadOnlyList<AgentRow> All(RunConfig config, ILookup<string, SampleRow> rows)
    {
        if (config.Agent is null)
        {
            return [];
        }

        var scores = config.Cells.ToDictionary(c => c.Id, c => new QuestionScores(rows[c.Id]));
        var cells = config.Cells.Where(c => rows[c.Id].Any(r => r.Agent is not null)).ToList();
        var compared = CellComparison.Correct([.. cells.Select(c => References.WithoutTool(config, c) is { } other ? CellComparison.Of(scores[c.Id], scores[other.Id]) : null)]);
        return [.. cells.Zip(compared, (cell, comparison) => Of(cell, [.. rows[cell.Id].Where(r => r.Agent is not null)]) with { ToNoTool = comparison })];
    }

    private static AgentRow Of(Cell cell, IReadOnlyList<SampleRow> rows)
    {
        var (calls, refused) = (rows.Sum(r => r.Agent!.Calls ?? 0), rows.Sum(r => r.Agent!.RefusedCalls ?? 0));
        var after = rows.Where(r => r.Agent!.Calls > r.Agent.RefusedCalls).ToList();
        var without = rows.Except(after).ToList();
        return new AgentRow
        {
            Cell = cell.Id,
            Tool = cell.Tool,
            Answers = rows.Count,
            Turns = rows.Average(r => (double)(r.Agent!.Turns ?? 0)),
            Calls = (double)calls / rows.Count,
            Refused = calls > 0 ? (double)refused / calls : null,
            Answered = Share(ConversationEnd.Answered),
            NoCall = Share(ConversationEnd.NoCall),
            TurnsUsedUp = Share(ConversationEnd.TurnsUsedUp),
            ContextUsedUp = Share(ConversationEnd.ContextUsedUp),
            AfterCall = after.Count,
            AfterCallAccuracy = Accuracy(after),
            WithoutCall = without.Count,
            WithoutCallAccuracy = Accuracy(without),
            WrongCall = after.Count(r => r.Correct != true),
        };

        double Share(ConversationEnd end) => rows.Average(r => r.Agent!.Ended == ConfigValue.Kebab(end) ? 1.0 : 0.0);
    }

    private static double? Accuracy(List<SampleRow> rows) => rows.Count == 0 ? null : rows.Average(r => r.Correct == true ? 1.0 : 0.0);
}
