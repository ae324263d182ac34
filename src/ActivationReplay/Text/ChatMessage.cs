using ActivationReplay.Vision;

namespace ActivationReplay.Text;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role"><c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>; the template writes it as it is.</param>
/// <param name="Content">The pieces of the turn, in order.</param>
public sealed record ChatMessage(string Role, IReadOnlyList<ContentPart> Content)
{
    /// <summary>A system message.</summary>
    /// <param name="text">What it says.</param>
    public static ChatMessage System(string text) => new("system", [new TextPart(text)]);

    /// <summary>A user's turn of text, pictures and videos in any order.</summary>
    /// <param name="content">The pieces of the turn, in order.</param>
    public static ChatMessage User(params IReadOnlyList<ContentPart> content) => new("user", content);

    /// <summary>A user's question, about one picture if there is one; the picture stands before the question.</summary>
    /// <param name="question">The question.</param>
    /// <param name="image">The encoded picture.</param>
    public static ChatMessage User(string question, MediaFile? image = null) =>
        new("user", image is null ? [new TextPart(question)] : [new ImagePart(image), new TextPart(question)]);

    /// <summary>An answer that the model gave before.</summary>
    /// <param name="text">What it says.</param>
    public static ChatMessage Assistant(string text) => new("assistant", [new TextPart(text)]);

    /// <summary>An answer that the model gave before, token for token.</summary>
    /// <param name="ids">The ids, without the token that ended the turn.</param>
    public static ChatMessage Assistant(IReadOnlyList<int> ids) => new("assistant", [new TokensPart(ids)]);
}
