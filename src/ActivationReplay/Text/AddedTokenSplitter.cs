using System.Buffers;

namespace ActivationReplay.Text;

/// <summary>Splits a text at added tokens: the leftmost first, and of several at the same index the longest.</summary>
internal sealed class AddedTokenSplitter
{
    private readonly (string Content, int Id)[] _longestFirst;
    private readonly SearchValues<string> _contents;

    public AddedTokenSplitter(IEnumerable<(string Content, int Id)> tokens)
    {
        _longestFirst =
        [
            .. tokens.Where(token => token.Content.Length > 0).OrderByDescending(token => token.Content.Length),
        ];
        _contents = SearchValues.Create([.. _longestFirst.Select(token => token.Content)], StringComparison.Ordinal);
    }

    /// <summary>The pieces of a text in order: either a token's id, or a stretch of plain text.</summary>
    public IEnumerable<(int? Id, ReadOnlyMemory<char> Text)> Split(ReadOnlyMemory<char> text)
    {
        while (text.Length > 0)
        {
            var start = text.Span.IndexOfAny(_contents);
            if (start != 0)
            {
                yield return (null, start < 0 ? text : text[..start]);
            }

            if (start < 0)
            {
                yield break;
            }

            var (content, id) = LongestAt(text.Span[start..]);
            yield return (id, text.Slice(start, content.Length));
            text = text[(start + content.Length)..];
        }
    }

    private (string Content, int Id) LongestAt(ReadOnlySpan<char> text)
    {
        foreach (var token in _longestFirst)
        {
            if (text.StartsWith(token.Content, StringComparison.Ordinal))
            {
                return token;
            }
        }

        throw new InvalidOperationException("The search found a token that is not in the list.");
    }
}
