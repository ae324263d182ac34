using System.Globalization;
using System.Text.RegularExpressions;

namespace ActivationReplay.Verification.Prose;

/// <summary>A time of day as clocks show it, <c>12:30</c>, with or without seconds and half of the day.</summary>
/// <param name="Hour">As written.</param>
/// <param name="Minute">0 to 59.</param>
/// <param name="Second">0 to 59; null where it is not said.</param>
/// <param name="Half">a or p; null where it is not said.</param>
internal sealed partial record ClockTime(int Hour, int Minute, int? Second, char? Half)
{
    /// <summary>The time that a text is; null where it is none. 3:4 is a ratio, 3:04 is a time.</summary>
    public static ClockTime? Of(string text)
    {
        const int Longest = 24;
        if (text.Length > Longest || Pattern().Match(text) is not { Success: true } match)
        {
            return null;
        }

        var (hour, minute) = (Part("hour"), Part("minute"));
        return hour <= 24 ? new ClockTime(hour, minute, match.Groups["second"].Success ? Part("second") : null, match.Groups["half"] is { Success: true } half ? char.ToLowerInvariant(half.Value[0]) : null) : null;

        int Part(string name) => int.Parse(match.Groups[name].ValueSpan, CultureInfo.InvariantCulture);
    }

    /// <summary>Whether it is the time of a reference; what one of them does not say, counts as said.</summary>
    public bool Answers(ClockTime reference) =>
        Hour == reference.Hour && Minute == reference.Minute
        && (Second is null || reference.Second is null || Second == reference.Second)
        && (Half is null || reference.Half is null || Half == reference.Half);

    [GeneratedRegex(@"^\s*\$?(?<hour>\d{1,2})\s?[:：]\s?(?<minute>[0-5]\d)(?:\s?[:：]\s?(?<second>[0-5]\d))?\s*(?:(?:\\text\s*\{\s*)?(?<half>[aApP])\.?\s?[mM]\.?\s*\}?)?\$?\s*\.?\s*$")]
    private static partial Regex Pattern();
}
