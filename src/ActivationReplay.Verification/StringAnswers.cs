using System.Text.RegularExpressions;
using ActivationReplay.Verification.Choices;
using ActivationReplay.Verification.Extraction;

namespace ActivationReplay.Verification;

/// <summary>Judges answers that are one of a few given words, letters A to D by default.</summary>
public static class StringAnswers
{
    /// <summary>The words that are looked for by default.</summary>
    public static IReadOnlyList<string> DefaultWords { get; } = ["A", "B", "C", "D"];

    /// <summary>Finds the words that reference and output choose, and compares them.</summary>
    /// <param name="reference">One of the words, or a text that chooses one.</param>
    /// <param name="output">The output of a model.</param>
    /// <param name="words">The words that may be the answer; null is <see cref="DefaultWords"/>.</param>
    /// <param name="options">The settings of the extraction; null is the default.</param>
    public static Verdict Verify(string reference, string output, IReadOnlyList<string>? words = null, ExtractionOptions? options = null)
    {
        words ??= DefaultWords;
        options ??= ExtractionOptions.Default;
        var gold = Find(reference, words, options with { NeedsAnchor = false });
        var (word, rule) = Find(output, words, options);
        return word is null ? default : new Verdict(word, string.Equals(word, gold.Word, StringComparison.OrdinalIgnoreCase), rule);
    }

    private static (string? Word, AnswerRule Rule) Find(string text, IReadOnlyList<string> words, ExtractionOptions options)
    {
        if (words.All(w => w.Length == 1))
        {
            var reading = new ChoiceExtractor(new Options(words.ToDictionary(w => w, _ => "", StringComparer.OrdinalIgnoreCase))).Find(text);
            return reading.Keys is [var only]
                && (!options.NeedsAnchor || reading.Rule is AnswerRule.Boxed or AnswerRule.AnswerTag or AnswerRule.AnswerPhrase)
                ? (only, reading.Rule)
                : (null, AnswerRule.Unparsed);
        }

        // The first word after the last "answer", else the word that the text begins with, else its last.
        const int Reach = 60;
        var body = AnswerText.AfterThinking(text);
        var any = new Regex(
            $@"(?<![\p{{L}}\p{{N}}])(?:{string.Join('|', words.OrderByDescending(w => w.Length).Select(Regex.Escape))})(?![\p{{L}}\p{{N}}])",
            (options.IgnoresCase ? RegexOptions.IgnoreCase : RegexOptions.None) | RegexOptions.CultureInvariant,
            TimeSpan.FromSeconds(1));
        var answer = body.LastIndexOf("answer", StringComparison.OrdinalIgnoreCase);
        if (answer >= 0 && any.Match(body, answer) is { Success: true } near && near.Index - answer <= Reach)
        {
            return (near.Value, AnswerRule.AnswerPhrase);
        }

        var all = any.Matches(body);
        return all.Count == 0 || options.NeedsAnchor ? (null, AnswerRule.Unparsed)
            : all[0].Index == 0 ? (all[0].Value, AnswerRule.OptionText)
            : (all[^1].Value, AnswerRule.OptionText);
    }
}
