using System.Text;
using ActivationReplay.Text;

namespace ActivationReplay.Generation;

/// <summary>A text at which generation stops, such as the end of a call, which tokens may spell in any way.</summary>
public sealed class StopText
{
    private readonly QwenTokenizer tokenizer;
    private readonly string text;
    private readonly int? first;

    /// <summary>Stops a sequence with the token that completes the text.</summary>
    /// <param name="tokenizer">The tokenizer of the model that generates.</param>
    /// <param name="text">The text.</param>
    /// <param name="atFirstToken">
    /// Stops at the first of the tokens that the tokenizer makes of the text, whatever would follow: another text may begin so.
    /// </param>
    /// <exception cref="ArgumentException">The text is empty.</exception>
    public StopText(QwenTokenizer tokenizer, string text, bool atFirstToken = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        this.tokenizer = tokenizer;
        this.text = text;
        first = atFirstToken ? tokenizer.Encode(text)[0] : null;
    }

    /// <summary>Watches the tokens of one sequence.</summary>
    internal Watch Begin() => new(this);

    /// <summary>What one sequence wrote last.</summary>
    internal sealed class Watch(StopText stop)
    {
        private readonly StreamedText stream = new(stop.tokenizer);
        private readonly StringBuilder tail = new();

        /// <summary>Whether the sequence stops with this token, the next one.</summary>
        public bool StopsAt(int id)
        {
            if (stop.first is { } first)
            {
                return id == first;
            }

            // As much as could be the beginning of the text stays.
            tail.Append(stream.Add(id, isLast: false));
            var ended = tail.ToString().Contains(stop.text, StringComparison.Ordinal);
            tail.Remove(0, Math.Max(0, tail.Length - stop.text.Length + 1));
            return ended;
        }
    }
}
