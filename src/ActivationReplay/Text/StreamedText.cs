namespace ActivationReplay.Text;

/// <summary>
/// The text of a sequence as its tokens come. A token may end amid a character, whose bytes then wait for the rest: all texts
/// put together are <see cref="QwenTokenizer.Decode"/> of all ids.
/// </summary>
internal sealed class StreamedText(QwenTokenizer tokenizer)
{
    private readonly List<int> waiting = [];

    /// <summary>The text that a token adds to those before it; empty where its last character is not whole yet.</summary>
    /// <param name="id">The token.</param>
    /// <param name="isLast">No token follows: bytes that still wait become U+FFFD.</param>
    public string Add(int id, bool isLast)
    {
        waiting.Add(id);
        var text = tokenizer.Decode(waiting);
        if (!isLast && text.EndsWith('\uFFFD'))
        {
            return "";
        }

        waiting.Clear();
        return text;
    }
}
