using ActivationReplay.Inputs;
using ActivationReplay.Text;

namespace ActivationReplay.Evaluation.Agents;

/// <summary>A conversation of a model with a tool about one picture. <see cref="AgentLoop"/> leads it.</summary>
/// <param name="question">What it begins with.</param>
public sealed class Conversation(AgentQuestion question)
{
    private readonly List<ChatMessage> messages = [.. question.Opening];
    private readonly List<AgentTurn> turns = [];

    /// <summary>What it begins with.</summary>
    public AgentQuestion Question => question;

    /// <summary>All that was said, by user and model: the prompt of the next turn.</summary>
    public IReadOnlyList<ChatMessage> Messages => messages;

    /// <summary>The model's turns so far.</summary>
    public IReadOnlyList<AgentTurn> Turns => turns;

    /// <summary>Why it ended; null while it goes on.</summary>
    public ConversationEnd? End { get; private set; }

    /// <summary>What went wrong where it failed.</summary>
    public string? Error { get; private set; }

    /// <summary>
    /// The prompt of the turn at hand, valid while it is answered. Conversations with the same prompt have the same object. Not owned.
    /// </summary>
    public ModelInputs? Inputs { get; internal set; }

    /// <summary>The calls, refused ones included.</summary>
    public int Calls => turns.Count(t => t.Answer is not null);

    /// <summary>The calls that got an error text back.</summary>
    public int RefusedCalls => turns.Count(t => t.Answer?.Refusal is not null);

    /// <summary>Of these, those that are no call of the tool: not closed, no strict JSON, of another form or name; boxes are not looked at.</summary>
    public int MalformedCalls => turns.Count(t => t.Answer?.Refusal is { } refusal and not (CallRefusal.EmptyBox or CallRefusal.OutsideBox or CallRefusal.ThinBox));

    /// <summary>The pictures of the prompt, with the first one.</summary>
    public int Pictures => messages.SelectMany(m => m.Content).Count(p => p is ImagePart);

    /// <summary>
    /// The text to be judged: the last <c>&lt;answer&gt;…&lt;/answer&gt;</c>, tags included, or the last turn where it has none;
    /// empty where the conversation ended on a call.
    /// </summary>
    public string Judged
    {
        get
        {
            if (End is not (ConversationEnd.Answered or ConversationEnd.NoCall))
            {
                return "";
            }

            var text = turns[^1].Text;
            var end = text.LastIndexOf(AnswerEnd, StringComparison.Ordinal);
            var begin = end < 0 ? -1 : text.LastIndexOf(AnswerBegin, end, StringComparison.Ordinal);
            return begin < 0 ? text : text[begin..(end + AnswerEnd.Length)];
        }
    }

    /// <summary>What stands in the last <c>&lt;answer&gt;</c>; null where there is none.</summary>
    public string? Answer => Judged is { } text && text.StartsWith(AnswerBegin, StringComparison.Ordinal) && text.EndsWith(AnswerEnd, StringComparison.Ordinal)
        ? text[AnswerBegin.Length..^AnswerEnd.Length]
        : null;

    internal const string AnswerBegin = "<answer>";
    internal const string AnswerEnd = "</answer>";

    /// <summary>Whether the prompts of both are the same: one question, the same tokens, the same answers of the tool.</summary>
    public bool HasPromptOf(Conversation other) =>
        ReferenceEquals(question, other.Question)
        && turns.Count == other.turns.Count
        && turns.Zip(other.turns).All(t => t.First.Tokens.Ids.SequenceEqual(t.Second.Tokens.Ids)
            && t.First.Answer?.Box == t.Second.Answer?.Box
            && t.First.Answer?.Problem == t.Second.Answer?.Problem);

    /// <summary>Ends the conversation, since its next turn cannot be computed.</summary>
    /// <param name="error">What went wrong.</param>
    public void Fail(string error) => (End, Error) = (ConversationEnd.Failed, error);

    /// <summary>Takes over the prompt of a conversation that has the same, and its end.</summary>
    internal void Share(Conversation twin) => (Inputs, End, Error) = (twin.Inputs, twin.End, twin.Error);

    internal void Finish(ConversationEnd end) => End = end;

    internal void Add(AgentTurn turn) => turns.Add(turn);

    internal void Say(params ReadOnlySpan<ChatMessage> said) => messages.AddRange(said);
}
