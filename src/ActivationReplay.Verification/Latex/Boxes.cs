using System.Text.RegularExpressions;

namespace ActivationReplay.Verification.Latex;

/// <summary><c>\boxed{…}</c> and <c>\fbox{…}</c> in a text.</summary>
internal static partial class Boxes
{
    /// <summary>A box.</summary>
    /// <param name="Start">The index of its backslash.</param>
    /// <param name="End">The index after its closing brace.</param>
    /// <param name="Content">Its content, trimmed.</param>
    internal readonly record struct Box(int Start, int End, string Content);

    /// <summary>The complete boxes that are not in another, in order. Linear in the text.</summary>
    public static IReadOnlyList<Box> All(string text)
    {
        var boxes = new List<Box>();
        if (!text.Contains(@"\boxed", StringComparison.Ordinal) && !text.Contains(@"\fbox", StringComparison.Ordinal))
        {
            return boxes;
        }

        var closing = ClosingBraces(text);
        var next = 0;
        foreach (var match in Opening().EnumerateMatches(text))
        {
            var brace = match.Index + match.Length - 1;
            if (match.Index >= next && closing.TryGetValue(brace, out var end))
            {
                boxes.Add(new Box(match.Index, end + 1, text[(brace + 1)..end].Trim()));
                next = end + 1;
            }
        }

        return boxes;
    }

    /// <summary>
    /// The contents of all boxes of a formula, separated by commas; without a box, the formula. Equal neighbours count once.
    /// </summary>
    public static string Unwrap(string formula)
    {
        var boxes = All(formula);
        return boxes.Count == 0 ? formula : Join(boxes);
    }

    /// <summary>The contents, separated by commas; equal neighbours once.</summary>
    public static string Join(IReadOnlyList<Box> boxes)
    {
        var contents = boxes.Where((b, i) => i == 0 || b.Content != boxes[i - 1].Content).Select(b => Unwrap(b.Content));
        return string.Join(",", contents);
    }

    /// <summary>
    /// The last box, with those before it that belong to the same answer: near, or joined by a comma, "and" or "or".
    /// </summary>
    public static IReadOnlyList<Box> LastGroup(string text, IReadOnlyList<Box> boxes)
    {
        const int Near = 10;
        const int Far = 70;
        var first = boxes.Count - 1;
        while (first > 0)
        {
            var between = text[boxes[first - 1].End..boxes[first].Start];
            var isNear = between.Length < Near && !between.Contains('$', StringComparison.Ordinal);
            var isJoined = between.Length < Far && boxes[first - 1].Content != boxes[first].Content
                && Separator().IsMatch(between) && !SecondThought().IsMatch(between);
            if (!isNear && !isJoined)
            {
                break;
            }

            first--;
        }

        return [.. boxes.Skip(first)];
    }

    /// <summary>The last box, with those before it from which only a comma, "and" or "or" parts it.</summary>
    public static IReadOnlyList<Box> LastList(string text, IReadOnlyList<Box> boxes)
    {
        var first = boxes.Count - 1;
        while (first > 0 && OnlySeparator().IsMatch(text[boxes[first - 1].End..boxes[first].Start]))
        {
            first--;
        }

        return [.. boxes.Skip(first)];
    }

    private static Dictionary<int, int> ClosingBraces(string text)
    {
        var closing = new Dictionary<int, int>();
        var open = new Stack<int>();
        for (var i = 0; i < text.Length; i++)
        {
            // \{ and \} are characters of a set; they come in pairs, so they may be counted or not, but a lone one must not be.
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] is '{' or '}')
            {
                i++;
            }
            else if (text[i] == '{')
            {
                open.Push(i);
            }
            else if (text[i] == '}' && open.Count > 0)
            {
                closing[open.Pop()] = i;
            }
        }

        return closing;
    }

    [GeneratedRegex(@"\\(?:boxed|fbox)\s*\{")]
    private static partial Regex Opening();

    [GeneratedRegex(@"\b(?:and|or)\b|,|;")]
    private static partial Regex Separator();

    [GeneratedRegex(@"[.!?](?:\s|$)|\n\s*\n|\b(?:wait|actually|no|instead|sorry|but|correct(?:ed|ion)?)\b", RegexOptions.IgnoreCase)]
    private static partial Regex SecondThought();

    [GeneratedRegex(@"^[\s$,;]*(?:\\q?quad\s*)?(?:(?:\\text\s*\{\s*)?(?:and|or)\s*\}?)?[\s$,;]*(?:\\q?quad\s*)?$")]
    private static partial Regex OnlySeparator();
}
