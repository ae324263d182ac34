using System.Text.RegularExpressions;
using ActivationReplay.Text;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>
/// A prompt of the user's own, with <c>{question}</c>, <c>{options}</c> (a line each: <c>A. text</c>) and <c>{hint}</c>. A line
/// whose placeholders are all empty is left out. Other braces, as in <c>\boxed{}</c>, stand for themselves; <c>{{name}}</c> writes
/// <c>{name}</c>.
/// </summary>
public sealed partial class PromptTemplate
{
    private static readonly string[] s_allowed = ["question", "options", "hint"];

    private readonly string _text;

    private PromptTemplate(string text) => _text = text;

    /// <summary>A template from text.</summary>
    /// <exception cref="FormatException">A placeholder is unknown, or <c>{question}</c> is missing.</exception>
    public static PromptTemplate Parse(string text)
    {
        var names = Placeholder().Matches(text).Where(m => m.Groups["name"].Success).Select(m => m.Groups["name"].Value).ToList();
        if (names.Find(n => !s_allowed.Contains(n)) is { } unknown)
        {
            throw new FormatException(
                $"{{{unknown}}} is no placeholder; allowed: {{question}}, {{options}}, {{hint}}; {{{{{unknown}}}}} writes {{{unknown}}} itself");
        }

        return names.Contains("question") ? new PromptTemplate(text.Replace("\r\n", "\n", StringComparison.Ordinal)) : throw new FormatException("the placeholder {question} is missing");
    }

    /// <summary>A template from a file, without the line end at its end.</summary>
    /// <exception cref="FormatException">A placeholder is unknown, or <c>{question}</c> is missing; the message names the file.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static PromptTemplate Read(string path)
    {
        try
        {
            return Parse(TextFile.Read(path).TrimEnd('\r', '\n'));
        }
        catch (FormatException e)
        {
            throw new FormatException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>The text of a sample. What it inserts is not searched for placeholders.</summary>
    public string Fill(Sample sample)
    {
        var values = new Dictionary<string, string>
        {
            ["question"] = sample.Question,
            ["options"] = string.Join('\n', (sample.Choices ?? new Dictionary<string, string>()).Select(c => $"{c.Key}. {c.Value}")),
            ["hint"] = sample.Hint ?? "",
        };
        return string.Join('\n', _text.Split('\n').Where(HasText).Select(line => Placeholder().Replace(
            line, m => m.Groups["name"].Success ? values[m.Groups["name"].Value] : $"{{{m.Groups["literal"].Value}}}")));

        bool HasText(string line)
        {
            var names = Placeholder().Matches(line).Where(m => m.Groups["name"].Success).ToList();
            return names.Count == 0 || names.Exists(m => values[m.Groups["name"].Value].Length > 0);
        }
    }

    /// <summary>
    /// What follows the last line with a placeholder, with the line end before it: what is asked of every question. Empty where
    /// nothing follows.
    /// </summary>
    public string AfterQuestion
    {
        get
        {
            var lines = _text.Split('\n');
            var last = Array.FindLastIndex(lines, line => Placeholder().Matches(line).Any(m => m.Groups["name"].Success));
            return string.Concat(lines[(last + 1)..].Select(line => "\n" + Placeholder().Replace(line, m => $"{{{m.Groups["literal"].Value}}}")));
        }
    }

    /// <summary>The template itself.</summary>
    public override string ToString() => _text;

    [GeneratedRegex(@"\{\{(?<literal>[A-Za-z_]\w*)\}\}|\{(?<name>[A-Za-z_]\w*)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
