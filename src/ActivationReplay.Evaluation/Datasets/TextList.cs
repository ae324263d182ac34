using System.Text;
using System.Text.Json;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>
/// Parses a list of texts in one cell: as JSON, or as Python prints it (<c>['a', "it's"]</c>), which VLMEvalKit reads, too. The
/// Python form is parsed, never evaluated.
/// </summary>
internal static class TextList
{
    /// <summary>Whether a cell is written as a list.</summary>
    public static bool IsList(string cell) => cell.AsSpan().Trim() is ['[', .., ']'];

    /// <summary>The texts of a list.</summary>
    /// <exception cref="FormatException">The cell is no list of texts.</exception>
    public static IReadOnlyList<string> Parse(string cell)
    {
        var text = cell.AsSpan().Trim();
        if (text[1..].TrimStart() is not ['\'', ..])
        {
            try
            {
                return JsonSerializer.Deserialize<string[]>(text) is { } list && !list.Contains(null)
                    ? list
                    : throw new FormatException("a list holds null where a text belongs");
            }
            catch (JsonException)
            {
                return Python(text);
            }
        }

        return Python(text);
    }

    private static List<string> Python(ReadOnlySpan<char> text)
    {
        var items = new List<string>();
        var rest = text[1..].TrimStart();
        while (rest is not [']'])
        {
            items.Add(Item(ref rest));
            rest = rest.TrimStart();
            if (rest is [',', ..])
            {
                rest = rest[1..].TrimStart();
            }
            else if (rest is not [']'])
            {
                throw Wrong();
            }
        }

        return items;
    }

    private static string Item(ref ReadOnlySpan<char> rest)
    {
        if (rest is not ['\'' or '"', ..])
        {
            throw Wrong();
        }

        var quote = rest[0];
        rest = rest[1..];
        var item = new StringBuilder();
        while (true)
        {
            var end = rest.IndexOfAny(quote, '\\');
            if (end < 0)
            {
                throw Wrong();
            }

            item.Append(rest[..end]);
            var isEnd = rest[end] == quote;
            rest = rest[(end + 1)..];
            if (isEnd)
            {
                return item.ToString();
            }

            item.Append(rest is [var escaped, ..] ? Unescaped(escaped) : throw Wrong());
            rest = rest[1..];
        }
    }

    private static char Unescaped(char escaped) => escaped switch
    {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        '\\' or '\'' or '"' or '/' => escaped,
        _ => throw Wrong(),
    };

    private static FormatException Wrong() => new("a list of texts is written [\"…\", \"…\"]");
}
