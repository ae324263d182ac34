using System.Text.RegularExpressions;

namespace ActivationReplay.Verification.Prose;

/// <summary>Determines the role of each number of a text in its sentence from the words around it.</summary>
internal sealed partial class ValueRoles
{
    private const string Number = @"(?:\d[\d.,]*|" + SmallNumber + ")";

    private const string SmallNumber = "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve";

    private readonly string text;
    private readonly List<(int Start, int End)> explanations;

    /// <param name="text">The text.</param>
    public ValueRoles(string text)
    {
        this.text = text;
        explanations = Explanations(text);
    }

    /// <summary>The role of the number between two indices.</summary>
    public ValueRole Of(int start, int end)
    {
        const int Window = 56;
        var before = text[Math.Max(0, start - Window)..start];
        before = before[(before.LastIndexOfAny(['\n', '。', '；', ';']) + 1)..];
        var after = text[end..Math.Min(text.Length, end + Window)];
        return IsDenied(before, after, start, end) ? ValueRole.Denied
            : IsNameOrWhole(before) || explanations.Any(e => start >= e.Start && start < e.End) ? ValueRole.Aside
            : ValueRole.Stated;
    }

    private static bool IsDenied(string before, string after, int start, int end)
    {
        if (NotBefore().IsMatch(before) || DoubtBefore().IsMatch(before) || ComparedBefore().IsMatch(before) || BetweenBefore().IsMatch(before)
            || (end - start == 4 && EraBefore().IsMatch(before)) || RangeBefore().IsMatch(before) || AlternativeBefore().IsMatch(before))
        {
            return true;
        }

        if (AlternativeAfter().IsMatch(after) || RangeAfter().IsMatch(after) && !FromBefore().IsMatch(before) || DecadeAfter().IsMatch(after) && end - start >= 4)
        {
            return true;
        }

        // "At least 8 are needed" answers how many are needed.
        return BoundBefore().IsMatch(before) && !Extreme().IsMatch(before + after);
    }

    private static bool IsNameOrWhole(string before) => NameBefore().IsMatch(before) || WholeBefore().IsMatch(before);

    // What stands in parentheses or after "because" explains where its sentence states a number before.
    private static List<(int Start, int End)> Explanations(string text)
    {
        var found = new List<(int Start, int End)>();
        foreach (Match match in Explanation().Matches(text))
        {
            if (match.Groups["sentence"].Success || AnyNumber().IsMatch(Sentences.Before(text, match.Index)))
            {
                found.Add((match.Index, match.Index + match.Length));
            }
        }

        return found;
    }

    [GeneratedRegex(
        @"(?:(?:\bnot|n['’]t|\bnever|\brather\s+than|\binstead\s+of|\bunlike|\bexcept)\s+(?:(?:equals?|be|to|an?|the|exactly|really|actually|necessarily)\s+)*|不是|并非|而非)[""'“*_$(]*$",
        RegexOptions.IgnoreCase)]
    private static partial Regex NotBefore();

    [GeneratedRegex(@"\b(?:not\s+(?:sure|certain)|unsure|doubt|do(?:es)?n['’]t\s+(?:think|know|believe))\b[^.;,!?]*$", RegexOptions.IgnoreCase)]
    private static partial Regex DoubtBefore();

    [GeneratedRegex(
        @"\b(?:more|less|fewer|greater|larger|smaller|higher|lower|bigger|longer|shorter|older|younger|other|earlier|later)\s+than\s+(?:or\s+equal\s+to\s+)?[""'*_$]*$|(?:超过|多于|少于|大于|小于)$",
        RegexOptions.IgnoreCase)]
    private static partial Regex ComparedBefore();

    [GeneratedRegex(@"\b(?:before|after|prior\s+to|until|till)\s+(?:the\s+year\s+)?$", RegexOptions.IgnoreCase)]
    private static partial Regex EraBefore();

    [GeneratedRegex(@"\bat\s+(?:least|most)\s+$|\bno\s+(?:more|fewer|less)\s+than\s+$|(?<!\b(?:add|sum|amount|total|count|come|work|make)(?:s|ed|ing)?\s+)\bup\s+to\s+$|(?:至少|至多|最多)$", RegexOptions.IgnoreCase)]
    private static partial Regex BoundBefore();

    [GeneratedRegex(@"\b(?:need|require|must|minim|maxim|smallest|largest|possible)", RegexOptions.IgnoreCase)]
    private static partial Regex Extreme();

    [GeneratedRegex(@"\bbetween\s+(?:\S+\s+and\s+)?$", RegexOptions.IgnoreCase)]
    private static partial Regex BetweenBefore();

    [GeneratedRegex(@"(?<!\bfrom\s+)(?<![\p{L}\d.])" + Number + @"\s*(?:–|~|到|\bto\b)\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex RangeBefore();

    [GeneratedRegex(@"^\s*(?:–|~|到|to\b)\s*" + Number, RegexOptions.IgnoreCase)]
    private static partial Regex RangeAfter();

    [GeneratedRegex(@"\bfrom\s+$", RegexOptions.IgnoreCase)]
    private static partial Regex FromBefore();

    [GeneratedRegex(@"(?<![\p{L}\d.])" + Number + @"(?:\s+[a-z]+)?\s*,?\s*(?:\(?\bor\b|或者?|还是)\s*(?:maybe\s+|possibly\s+|perhaps\s+|even\s+)?$", RegexOptions.IgnoreCase)]
    private static partial Regex AlternativeBefore();

    [GeneratedRegex(@"^(?:\s+[a-z]+)?\s*,?\s*(?:\(?\bor\b|或者?|还是)\s*(?:(?:maybe|possibly|perhaps|even)\s+)?(?:" + Number + @"|more\b|fewer\b|less\b|above\b|below\b)|^\+(?!\s*[\d(])", RegexOptions.IgnoreCase)]
    private static partial Regex AlternativeAfter();

    [GeneratedRegex(@"^['’]?s\b")]
    private static partial Regex DecadeAfter();

    [GeneratedRegex(@"(?:\b(?:figure|fig\.?|table|step|equation|eq\.?|page|section|chapter|question|problem|exercise|example)\s*#?|[图表第题]|步骤)\(?$", RegexOptions.IgnoreCase)]
    private static partial Regex NameBefore();

    [GeneratedRegex(
        @"(?<![\p{L}\d.])" + Number + @"(?:\s+[a-z]+)?\s+(?:out\s+of\s+(?:(?:the|these|those|all|all\s+the|a\s+total\s+of)\s+)?|of\s+(?:the|these|those|all|all\s+the|my|our|his|her|their)\s+)$|\d\s+of\s+$|\bamong\s+(?:the\s+)?$",
        RegexOptions.IgnoreCase)]
    private static partial Regex WholeBefore();

    [GeneratedRegex(
        @"(?<=[\p{L}\p{N}%°""'”*_)])\s*[(（][^()（）\n]{1,200}[)）]"
        + @"|(?<sentence>(?<=^|[.!?。！？\n]\s*)(?:this\s+is\s+because|that\s+is\s+because|the\s+reason\s+is|this\s+is\s+the\s+sum|explanation\s*:|reason\s*:|check\s*:|这是因为)[^.!?。\n]*(?:\.\d[^.!?。\n]*)*)"
        + @"|(?<=[\p{L}\p{N}%°""'”*_)]),?\s*(?:(?:\b(?:because|since(?!\s+\d{4}\b)|given\s+that|due\s+to|consisting\s+of|made\s+up\s+of|comprising|including|of\s+which)\b|,\s+with\b|因为|由于|∵)(?:(?!,?\s+(?:so|therefore|thus|hence|making|which|for\s+a\s+total)\b)[^.!?。\n]|\.\d)*)"
        + @"|(?<=[\p{L}\d])\s*(?::|\s—|\s–)\s+[^.:!?=\n]{0,60}?\d+\s+\p{L}{2}[^.:!?=\n]{0,60}?\s+and\s+[^.:!?=\n]{0,20}?\d[^.:!?=\n]*",
        RegexOptions.IgnoreCase)]
    private static partial Regex Explanation();

    [GeneratedRegex(@"\d|[一二两三四五六七八九十](?=[个只条张人])|\b(?:" + SmallNumber + @"|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|dozen)\b", RegexOptions.IgnoreCase)]
    private static partial Regex AnyNumber();
}
