namespace ActivationReplay.Verification;

/// <summary>
/// Judges answers in the last <c>\boxed{…}</c> of an output alone, as rewards of training do. Equal texts and plain numbers are not
/// parsed.
/// </summary>
public static class BoxedAnswer
{
    private const string Opening = @"\boxed{";

    /// <summary>The content of the last complete box of an output; null if there is none.</summary>
    public static string? Extract(string output)
    {
        for (var start = output.LastIndexOf(Opening, StringComparison.Ordinal);
            start >= 0;
            start = start == 0 ? -1 : output.LastIndexOf(Opening, start - 1, StringComparison.Ordinal))
        {
            if (Content(output.AsSpan(start + Opening.Length)) is { } content)
            {
                return content.Trim();
            }
        }

        return null;
    }

    /// <summary>Compares the content of the last box with the reference. An output without a box is wrong.</summary>
    public static Verdict Verify(string output, string reference) => Extract(output) is { } answer
        ? new Verdict(answer, AreEqual(answer, reference.Trim()), AnswerRule.Boxed)
        : default;

    private static bool AreEqual(string answer, string reference)
    {
        if (WithoutSpaces(answer) == WithoutSpaces(reference))
        {
            return true;
        }

        return Number(answer) is { } a && Number(reference) is { } b ? a == b : MathAnswers.AreEqual(reference, answer);
    }

    private static string WithoutSpaces(string text) => text.Replace(" ", "", StringComparison.Ordinal);

    private static decimal? Number(string text) =>
        decimal.TryParse(
            text,
            System.Globalization.NumberStyles.AllowLeadingSign | System.Globalization.NumberStyles.AllowDecimalPoint,
            System.Globalization.CultureInfo.InvariantCulture,
            out var value) ? value : null;

    private static string? Content(ReadOnlySpan<char> text)
    {
        var depth = 1;
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] switch { '{' => 1, '}' => -1, _ => 0 };
            if (depth == 0)
            {
                return text[..i].ToString();
            }
        }

        return null;
    }
}
