using System.Globalization;
using System.Text.RegularExpressions;

namespace ActivationReplay.Verification.Prose;

/// <summary>A time of day as clocks show it, <c>12:30</c>, with or without seconds and half of the day.</summary>
/// <param name="Hour">The hour as written.</param>
/// <param name="Minute">0 to 59.</param>
/// <param name="Second">0 to 59; null if it is not given.</param>
/// <param name="Half"><c>a</c> for a.m., <c>p</c> for p.m.; null if it is not given.</param>
internal sealed partial record ClockTime(int Hour, int Minute, int? Second, char? Half)
{
    /// <summary>Parses a text that is a time and nothing else; null otherwise. 3:04 is a time, 3:4 is a ratio.</summary>
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

    /// <summary>Whether it agrees with a reference in all parts that both give.</summary>
    public bool Answers(ClockTime reference) =>
        Hour == reference.Hour && Minute == reference.Minute
        && (Second is null || reference.Second is null || Second == reference.Second)
        && (Half is null || reference.Half is null || Half == reference.Half);

    [GeneratedRegex(@"^\s*\$?(?<hour>\d{1,2})\s?[:：]\s?(?<minute>[0-5]\d)(?:\s?[:：]\s?(?<second>[0-5]\d))?\s*(?:(?:\\text\s*\{\s*)?(?<half>[aApP])\.?\s?[mM]\.?\s*\}?)?\$?\s*\.?\s*$")]
    private static partial Regex Pattern();
}
