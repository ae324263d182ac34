using System.Text.RegularExpressions;

namespace ActivationReplay.Text;

/// <summary>
/// Brings the source of a Jinja template to one form, so that two ways of writing the same template compare equal:
/// white space that transformers' settings (<c>trim_blocks</c>, <c>lstrip_blocks</c>) or a tag's dash remove goes, and
/// tags are spaced and quoted alike.
/// </summary>
internal static partial class JinjaSource
{
    public static string Canonical(string source)
    {
        var text = source.Replace("\r\n", "\n", StringComparison.Ordinal);
        text = text.EndsWith('\n') ? text[..^1] : text; // keep_trailing_newline is off
        text = Comment().Replace(text, string.Empty);
        text = DashBefore().Replace(text, "$1");
        text = DashAfter().Replace(text, "$1");
        text = IndentBeforeBlock().Replace(text, string.Empty);
        text = NewlineAfterBlock().Replace(text, "%}");
        return Tag().Replace(text, tag => Tidy(tag.Value));
    }

    // Single quotes, one space between words, none around punctuation.
    private static string Tidy(string tag)
    {
        var inner = Space().Replace(tag[2..^2], " ").Replace('"', '\'');
        return $"{tag[..2]}{SpaceAtPunctuation().Replace(inner, "$1").Trim()}{tag[^2..]}";
    }

    [GeneratedRegex(@"\{#.*?#\}\n?", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\s*(\{[%{])-")]
    private static partial Regex DashBefore();

    [GeneratedRegex(@"-([%}]\})\s*")]
    private static partial Regex DashAfter();

    [GeneratedRegex(@"(?<=^|\n)[ \t]+(?=\{%)")]
    private static partial Regex IndentBeforeBlock();

    [GeneratedRegex(@"%\}\n")]
    private static partial Regex NewlineAfterBlock();

    [GeneratedRegex(@"\{%.*?%\}|\{\{.*?\}\}", RegexOptions.Singleline)]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    [GeneratedRegex(@" ?([^\w' ]+) ?")]
    private static partial Regex SpaceAtPunctuation();
}
