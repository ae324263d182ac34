namespace ActivationReplay.Evaluation.Verification;

/// <summary>An answer as extracted from a model's output, and whether it is right.</summary>
/// <param name="Text">The extracted answer; null where none was found.</param>
/// <param name="IsCorrect">Whether it equals the reference.</param>
public readonly record struct Verdict(string? Text, bool IsCorrect);

/// <summary>Answers in the last <c>\boxed{…}</c>, compared as text without spaces, or as decimal numbers.</summary>
public static class BoxedAnswer
{
    private const string Opening = @"\boxed{";

    /// <summary>The content of the last complete box, or null.</summary>
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

    /// <summary>Extracts and compares. An output without a box is wrong.</summary>
    public static Verdict Verify(string output, string reference)
    {
        var answer = Extract(output);
        return new Verdict(answer, answer is not null && AreEqual(answer, reference.Trim()));
    }

    private static bool AreEqual(string answer, string reference) =>
        WithoutSpaces(answer) == WithoutSpaces(reference)
        || (Number(answer) is { } a && Number(reference) is { } b && a == b);

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
