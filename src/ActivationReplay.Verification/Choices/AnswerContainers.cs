using System.Text.RegularExpressions;
using ActivationReplay.Verification.Extraction;
using ActivationReplay.Verification.Latex;

namespace ActivationReplay.Verification.Choices;

/// <summary>A part of an output that is marked as the answer, such as a box or a tag.</summary>
/// <param name="Rule">The kind of mark.</param>
/// <param name="Content">The text inside it.</param>
/// <param name="End">The index in the output after its end.</param>
internal readonly record struct AnswerContainer(AnswerRule Rule, string Content, int End);

/// <summary>Finds the last box and the last tag of each kind, the most authoritative kind first.</summary>
internal static partial class AnswerContainers
{
    public static IEnumerable<AnswerContainer> Of(string text)
    {
        if (Boxes.All(text) is { Count: > 0 } boxes)
        {
            // \boxed{A} and \boxed{C} are one answer, with the word between them.
            var last = Boxes.LastList(text, boxes);
            var content = string.Concat(last.Select((b, i) => (i == 0 ? "" : text[last[i - 1].End..b.Start].Replace("$", "", StringComparison.Ordinal)) + b.Content));
            yield return new(AnswerRule.Boxed, content, last[^1].End);
        }

        if (TokenBox().Matches(text) is [.., var token])
        {
            yield return new(AnswerRule.Boxed, token.Groups["content"].Value, token.Index + token.Length);
        }

        if (AnswerText.Tag(text) is { } tag)
        {
            yield return new(AnswerRule.AnswerTag, tag.Content, tag.End);
        }

        if (OtherTag().Matches(text) is [.., var other])
        {
            yield return new(AnswerRule.AnswerTag, other.Groups["content"].Value, other.Index + other.Length);
        }

        if (DoubleBrackets().Matches(text) is [.., var brackets])
        {
            yield return new(AnswerRule.Boxed, brackets.Groups["content"].Value, brackets.Index + brackets.Length);
        }
    }

    [GeneratedRegex(@"<\|begin_of_box\|>(?<content>(?:(?!<\|begin_of_box\|>)[\s\S]){1,2000}?)(?:<\|end_of_box\|>|\z)", RegexOptions.IgnoreCase)]
    private static partial Regex TokenBox();

    [GeneratedRegex(@"<(?<name>final_?answer|final|ans|choice|option|conclusion)>(?<content>[^<]{1,2000}?)</\k<name>>", RegexOptions.IgnoreCase)]
    private static partial Regex OtherTag();

    [GeneratedRegex(@"\[\[(?<content>[^\[\]\n]{1,80})\]\]")]
    private static partial Regex DoubleBrackets();
}
