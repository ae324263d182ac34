using System.Text;
using System.Text.Json;

namespace ActivationReplay.Evaluation.Agents;

/// <summary>A call as a model wrote it, in the right form; whether there is such a tool, and what it says, is open.</summary>
/// <param name="Name">The tool that is called.</param>
/// <param name="Arguments">What it is called with: a JSON object.</param>
public sealed record ToolCall(string Name, JsonElement Arguments);

/// <summary>What was read where a turn calls a tool: the call, or why it is none.</summary>
/// <param name="Call">The call; null where it is refused.</param>
/// <param name="Refusal">Why it is refused; null for a call.</param>
/// <param name="Problem">What is wrong, in words for the model; null for a call.</param>
public sealed record CallReading(ToolCall? Call, CallRefusal? Refusal, string? Problem);

/// <summary>
/// Reads the call of a turn: what stands between the first <c>&lt;tool_call&gt;</c> and the next <c>&lt;/tool_call&gt;</c>,
/// wherever in the turn that is, as strict JSON <c>{"name": …, "arguments": {…}}</c>. It is data: nothing is evaluated.
/// </summary>
public static class CallParser
{
    /// <summary>What a call begins with.</summary>
    public const string Begin = "<tool_call>";

    /// <summary>What ends a call, and with it the turn.</summary>
    public const string End = "</tool_call>";

    /// <summary>The most characters of a call; a longer one is not parsed.</summary>
    public const int MaxLength = 16_384;

    private const int MaxDepth = 8;

    private static readonly JsonDocumentOptions strict = new()
    {
        MaxDepth = MaxDepth,
        AllowDuplicateProperties = false,
        AllowTrailingCommas = false,
        CommentHandling = JsonCommentHandling.Disallow,
    };

    /// <summary>The call that a turn makes; null where it makes none. Further calls of the turn are not read.</summary>
    /// <param name="turn">What the model wrote, of any length.</param>
    public static CallReading? Read(string turn)
    {
        ArgumentNullException.ThrowIfNull(turn);
        var begin = turn.IndexOf(Begin, StringComparison.Ordinal);
        if (begin < 0)
        {
            return null;
        }

        var start = begin + Begin.Length;
        var end = turn.IndexOf(End, start, StringComparison.Ordinal);
        if (end < 0)
        {
            return Refused(CallRefusal.NotClosed, $"The call has no {End}.");
        }

        return end - start > MaxLength
            ? Refused(CallRefusal.TooLong, $"The call is longer than {MaxLength} characters.")
            : Parse(turn[start..end]);
    }

    internal static CallReading Refused(CallRefusal refusal, string problem) => new(null, refusal, problem);

    private static CallReading Parse(string text)
    {
        try
        {
            // By bytes: a lone surrogate becomes U+FFFD, as in every other text.
            using var json = JsonDocument.Parse(Encoding.UTF8.GetBytes(text), strict);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object
                || root.EnumerateObject().Any(p => p.Name is not ("name" or "arguments"))
                || !root.TryGetProperty("name", out var name) || name.ValueKind != JsonValueKind.String
                || !root.TryGetProperty("arguments", out var arguments) || arguments.ValueKind != JsonValueKind.Object)
            {
                return Refused(CallRefusal.NotACall, """A call is an object of two keys, {"name": …, "arguments": {…}}.""");
            }

            return new CallReading(new ToolCall(name.GetString()!, arguments.Clone()), null, null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escape such as \ud800 that is no character.
            return Refused(CallRefusal.NotJson, "The call is no valid JSON, or a key stands in it twice.");
        }
    }
}
