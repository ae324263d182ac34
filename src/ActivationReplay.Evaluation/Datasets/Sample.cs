using ActivationReplay.Text;
using ActivationReplay.Verification;
using ActivationReplay.Verification.Scores;
using ActivationReplay.Vision;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>A question about pictures or videos, with its answer.</summary>
/// <param name="Id">The id, unique in its data set.</param>
/// <param name="Question">The question, without hint and options.</param>
/// <param name="Images">The pictures, in order.</param>
/// <param name="Answer">The reference answer; of a multiple choice the option's letter, or letters: <c>A, C</c>.</param>
/// <param name="Family">A group to report by (the data set's category), or null.</param>
public sealed record Sample(string Id, string Question, IReadOnlyList<MediaFile> Images, string Answer, string? Family = null)
{
    /// <summary>
    /// The options of a multiple choice by letter, in their order; null for other kinds, and where they are drawn in the picture.
    /// </summary>
    public IReadOnlyDictionary<string, string>? Choices { get; init; }

    /// <summary>The videos, in order; they follow the pictures.</summary>
    public IReadOnlyList<VideoSource> Videos { get; init; } = [];

    /// <summary>Text that helps with the answer, or null.</summary>
    public string? Hint { get; init; }

    /// <summary>Which order of the options this is, where a data set asks a question in several (HR-Bench), or null.</summary>
    public string? Cycle { get; init; }

    /// <summary>The id of the first row that asks the same question, where a data set asks it in several orders; else null.</summary>
    public string? Problem { get; init; }

    /// <summary>The form in which the question is to be answered.</summary>
    public AnswerKind Kind { get; init; }

    /// <summary>
    /// The template of <see cref="Prompt"/>; null is <see cref="VideoPrompt"/> for videos and graded questions, else
    /// <see cref="VlmEvalKitPrompt"/>.
    /// </summary>
    public PromptTemplate? Template { get; init; }

    /// <summary>The text of the prompt, which follows the pictures.</summary>
    public string Prompt => Template?.Fill(this)
        ?? (Videos.Count > 0 || Kind.IsGraded() ? VideoPrompt.Of(this) : VlmEvalKitPrompt.Of(this));

    /// <summary>The reference with which outputs are compared.</summary>
    public AnswerReference Reference => new(Answer, Kind, Choices);

    /// <summary>A conversation of one user turn, pictures first, then videos, after the system prompt if one is given.</summary>
    public IReadOnlyList<ChatMessage> Conversation(string? systemPrompt = null)
    {
        var user = new ChatMessage("user", [.. Images.Select(i => new ImagePart(i)), .. Videos.Select(v => new VideoPart(v)), new TextPart(Prompt)]);
        return systemPrompt is null ? [user] : [new ChatMessage("system", [new TextPart(systemPrompt)]), user];
    }
}
