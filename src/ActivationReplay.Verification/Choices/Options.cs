using System.Text;
using System.Text.RegularExpressions;
using ActivationReplay.Verification.Equality;
using ActivationReplay.Verification.Extraction;
using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Choices;

/// <summary>The options of a multiple choice: which one a text names by its words or its value.</summary>
internal sealed partial class Options
{
    private readonly List<(string Key, string Text, Term? Value)> options;
    private readonly TermEquality equality = new(EqualityOptions.Default);

    /// <summary>Options by letter, in their order.</summary>
    public Options(IReadOnlyDictionary<string, string> choices) =>
        options = [.. choices.Where(c => !string.IsNullOrWhiteSpace(c.Key)).Select(c => (c.Key.Trim().ToUpperInvariant(), Plain(c.Value), MathAnswers.Read(c.Value)))];

    public bool Has(string key) => options.Any(o => o.Key == key);

    /// <summary>The option whose text this is, but for case, marks and punctuation; null where none or several are.</summary>
    public string? ByText(string text) => Plain(text) is { Length: > 0 } plain ? Only(options.Where(o => o.Text == plain).Select(o => o.Key)) : null;

    /// <summary>The only option whose text occurs, as whole words, and is not denied; null where none or several do.</summary>
    public string? ByWordsIn(string text)
    {
        var plain = Plain(text);
        var places = options.Where(o => o.Text.Length > 0).SelectMany(o => Places(plain, o.Text).Select(p => (o.Key, Start: p, End: p + o.Text.Length))).ToList();
        // "red" is not named by "dark red" where that is an option, too.
        var free = places.Where(p => !places.Any(q => q.Key != p.Key && q.Start <= p.Start && q.End >= p.End && q.End - q.Start > p.End - p.Start));
        return Only(free.Where(p => !Negation.Denies(plain, p.Start, p.End)).Select(p => p.Key));
    }

    /// <summary>The only option with the value of a text's answer; null where none or several have it.</summary>
    public string? ByValue(Term? value) => value is null or Symbol
        ? null
        : Only(options.Where(o => o.Value is { } v && equality.AreEqual(v, value)).Select(o => o.Key));

    /// <summary>The only option with the value that a short text is.</summary>
    public string? ByValueOf(string text) => AnswerText.MayBeFormula(Unmarked(text)) || text.Any(char.IsAsciiDigit) ? ByValue(MathAnswers.Read(text)) : null;

    /// <summary>Words in lower case, without marks of LaTeX and Markdown, punctuation at ends, and extra spaces.</summary>
    public static string Plain(string text)
    {
        var bare = TextCommand().Replace(Unmarked(text), "$1").Replace("**", "", StringComparison.Ordinal);
        var result = new StringBuilder(bare.Length);
        foreach (var c in bare.ToLowerInvariant())
        {
            result.Append(char.IsWhiteSpace(c) || c is '"' or '“' or '”' or '`' or '~' ? ' ' : c);
        }

        return Spaces().Replace(result.ToString(), " ").Trim(' ', '.', ',', ';', ':', '!', '\'');
    }

    private static string Unmarked(string text) => Marks().Replace(text, "");

    private static IEnumerable<int> Places(string text, string words)
    {
        for (var at = text.IndexOf(words, StringComparison.Ordinal); at >= 0; at = text.IndexOf(words, at + 1, StringComparison.Ordinal))
        {
            var end = at + words.Length;
            if ((at == 0 || !IsPart(text[at - 1], words[0])) && (end == text.Length || !IsPart(text[end], words[^1])
                || (text[end] == '.' && (end + 1 == text.Length || !char.IsAsciiDigit(text[end + 1])))))
            {
                yield return at;
            }
        }
    }

    // Whether a character beside would make another word or number of it.
    private static bool IsPart(char beside, char own) =>
        char.IsLetterOrDigit(own) && (char.IsLetterOrDigit(beside) || (char.IsAsciiDigit(own) && beside is '.' or ',' or '-' or '/'));

    private static string? Only(IEnumerable<string> keys) => keys.Distinct().Take(2).ToList() is [var only] ? only : null;

    [GeneratedRegex(@"\$|\\[()\[\]]")]
    private static partial Regex Marks();

    [GeneratedRegex(@"\\(?:text|textbf|textit|mathrm|mathbf|textrm|mbox)\s*\{([^{}]*)\}")]
    private static partial Regex TextCommand();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
