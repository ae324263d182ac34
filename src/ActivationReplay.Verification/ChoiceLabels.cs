using System.Text.RegularExpressions;
using ActivationReplay.Verification.Choices;

namespace ActivationReplay.Verification;

/// <summary>
/// Parses references that are labels of options: <c>G</c>, <c>(b)</c>, <c>3</c>, or several, as <c>A, C</c>, <c>A and C</c> or
/// <c>AC</c>.
/// </summary>
public static partial class ChoiceLabels
{
    /// <summary>The distinct labels of a reference, in order; null if it is something else.</summary>
    /// <param name="reference">The reference answer as the data set gives it.</param>
    /// <param name="isDeclared">
    /// Whether the data set says that the question is a multiple choice. Otherwise only capital letters count, and several only with
    /// a comma or "and" between them: <c>AC</c> may be a side, <c>3</c> a number, <c>x</c> an unknown, <c>$E$</c> an energy.
    /// </param>
    public static IReadOnlyList<string>? Parse(string? reference, bool isDeclared)
    {
        if (reference is null || reference.Length > 80 || (!isDeclared && reference.AsSpan().ContainsAny('$', '\\')))
        {
            return null;
        }

        var plain = ChoiceText.Plain(reference).Replace("$", "", StringComparison.Ordinal).Trim();
        if (isDeclared && Compact().IsMatch(plain) && plain is not "NO" && plain.Zip(plain[1..]).All(p => p.First < p.Second))
        {
            return [.. plain.Select(c => c.ToString())];
        }

        var parts = Separator().Split(List().Replace(plain, "${items}")).Select(p => Label().Match(p)).ToList();
        if (parts.Exists(p => !p.Success))
        {
            return null;
        }

        List<string> labels = [.. parts.Select(p => p.Groups["label"].Value)];
        var areNumbers = labels.TrueForAll(l => char.IsAsciiDigit(l[0]));
        var areLetters = labels.TrueForAll(l => char.IsAsciiLetter(l[0]));
        return (isDeclared ? areNumbers || areLetters : labels.TrueForAll(l => char.IsAsciiLetterUpper(l[0])))
            ? [.. labels.Select(l => areNumbers && l.TrimStart('0') is { Length: > 0 } number ? number : l.ToUpperInvariant()).Distinct().Order(StringComparer.Ordinal)]
            : null;
    }

    [GeneratedRegex(@"^[A-Z]{2,10}$")]
    private static partial Regex Compact();

    [GeneratedRegex(@"^\[(?<items>.*)\]$")]
    private static partial Regex List();

    [GeneratedRegex(@"\s*(?:[,;、&/]\s*(?:and\s+)?|\s+and\s+|[和与])\s*", RegexOptions.IgnoreCase)]
    private static partial Regex Separator();

    [GeneratedRegex(@"^(?:(?:option|choice)\s+)?[('""]*(?<label>[A-Za-z]|\d{1,2})[)'""]*\.?$", RegexOptions.IgnoreCase)]
    private static partial Regex Label();
}
