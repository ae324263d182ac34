using ActivationReplay.Inputs;
using ActivationReplay.Text;
using ActivationReplay.Vision;

namespace ActivationReplay;

/// <summary>A question to a pair: a conversation up to the assistant's turn, with pictures and videos in it. Plain data.</summary>
public sealed record Question
{
    /// <summary>A question that ends a conversation of any number of turns.</summary>
    /// <param name="messages">The turns in order, a system message first where there is one.</param>
    /// <exception cref="ArgumentException">There is no turn, or the last has no content.</exception>
    public Question(IReadOnlyList<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        if (messages.Count == 0 || messages[^1].Content.Count == 0)
        {
            throw new ArgumentException("A question has a turn with a text, a picture or a video in it; this has none.", nameof(messages));
        }

        Messages = messages;
    }

    /// <summary>The turns in order.</summary>
    public IReadOnlyList<ChatMessage> Messages { get; }

    /// <summary>
    /// Its id among the questions that are asked with one seed, which gives it draws of its own
    /// (<see cref="Generation.GenerationSettings.For"/>), and methods random choices; null takes the seeds alone.
    /// </summary>
    public string? Id { get; init; }

    /// <summary>Limits on the area of each picture and frame; the default is the checkpoint's limits.</summary>
    public PixelLimits Limits { get; init; }

    /// <summary>A question about any number of picture files, which come before the text.</summary>
    /// <param name="text">The question.</param>
    /// <param name="pictures">Paths of PNG, JPEG, WebP, GIF or BMP files, which are read when the question is asked.</param>
    public static Question Of(string text, params IReadOnlyList<string> pictures) =>
        Of([.. pictures.Select(path => new ImagePart(MediaFile.FromPath(path))), new TextPart(text)]);

    /// <summary>A question of texts, pictures and videos in any order.</summary>
    /// <param name="content">The pieces in their order.</param>
    /// <exception cref="ArgumentException">There is no piece.</exception>
    public static Question Of(params IReadOnlyList<ContentPart> content) => new([ChatMessage.User(content)]);

    /// <summary>This question after a system message.</summary>
    /// <param name="text">The system message, such as the one of a model's card.</param>
    /// <exception cref="InvalidOperationException">The conversation begins with a system message already.</exception>
    public Question WithSystem(string text) => Messages[0].Role == "system"
        ? throw new InvalidOperationException("This conversation begins with a system message already.")
        : new Question([ChatMessage.System(text), .. Messages]) { Id = Id, Limits = Limits };
}
