using System.Text.RegularExpressions;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>
/// Options in the text of a question, as V* writes them: a line <c>(A) text</c> each after the question, and then a sentence on how
/// to answer.
/// </summary>
internal static partial class OptionLines
{
    /// <summary>The question without its options, and the options; the text as it is where it has none.</summary>
    /// <exception cref="FormatException">A letter stands there twice.</exception>
    public static (string? Question, ChoiceFields? Options) Split(string? text)
    {
        var lines = text?.ReplaceLineEndings("\n").Split('\n') ?? [];
        var options = lines.Select(line => Line().Match(line)).ToList();
        var first = options.FindIndex(m => m.Success);
        return first < 1
            ? (text, null)
            : (string.Join('\n', lines[..first]), ChoiceFields.FromLetters(options.Where(m => m.Success).Select(m => (m.Groups[1].Value, m.Groups[2].Value.Trim()))));
    }

    [GeneratedRegex(@"^\s*\(([A-Z])\)\s*(\S.*)$")]
    private static partial Regex Line();
}
