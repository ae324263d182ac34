using System.Globalization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Evaluation.Agents;
using CsvHelper.Configuration.Attributes;

namespace ActivationReplay.Ablations.Storage;

/// <summary>What a conversation adds to the row of its answer. Lists have an entry a turn or box, with semicolons between.</summary>
public sealed record AgentColumns
{
    /// <summary>The model's turns.</summary>
    [Name("turns")] public int? Turns { get; init; }

    /// <summary>Calls, refused ones included.</summary>
    [Name("calls")] public int? Calls { get; init; }

    /// <summary>Calls that got an error text back.</summary>
    [Name("refused_calls")] public int? RefusedCalls { get; init; }

    /// <summary>Why calls were refused.</summary>
    [Name("refusals")] public string? Refusals { get; init; }

    /// <summary>The boxes that were cut: left, top, right, bottom in pixels of the original picture.</summary>
    [Name("boxes")] public string? Boxes { get; init; }

    /// <summary>New tokens of each turn.</summary>
    [Name("turn_tokens")] public string? TurnTokens { get; init; }

    /// <summary>Seconds of each turn.</summary>
    [Name("seconds_turns")] public string? TurnSeconds { get; init; }

    /// <summary>Why the conversation ended.</summary>
    [Name("ended")] public string? Ended { get; init; }

    /// <summary>The columns of a conversation that has ended.</summary>
    public static AgentColumns Of(Conversation talk) => new()
    {
        Turns = talk.Turns.Count,
        Calls = talk.Calls,
        RefusedCalls = talk.RefusedCalls,
        Refusals = List(talk.Turns.Select(t => t.Answer?.Refusal).OfType<CallRefusal>().Select(r => ConfigValue.Kebab(r))),
        Boxes = List(talk.Turns.Select(t => t.Answer?.Box).OfType<PictureBox>().Select(b => b.ToString())),
        TurnTokens = List(talk.Turns.Select(t => t.Tokens.Ids.Count.ToString(CultureInfo.InvariantCulture))),
        TurnSeconds = List(talk.Turns.Select(t => t.Tokens.Seconds.ToString("0.000", CultureInfo.InvariantCulture))),
        Ended = ConfigValue.Kebab(talk.End!.Value),
    };

    private static string? List(IEnumerable<string> items) => string.Join("; ", items) is { Length: > 0 } list ? list : null;
}
