using System.Globalization;
using System.Text.RegularExpressions;

namespace ActivationReplay.Verification.Prose;

/// <summary>A date: <c>May 5, 1998</c>, <c>5 May 1998</c>, <c>1998-05-05</c>, <c>May 1998</c>, <c>5 May</c>.</summary>
/// <param name="Year">The year; null if it is not given.</param>
/// <param name="Month">1 to 12.</param>
/// <param name="Day">The day; null if it is not given.</param>
internal sealed partial record CalendarDate(int? Year, int Month, int? Day)
{
    private const string MonthName =
        "(?<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?";

    private const string DayNumber = "(?<day>[0-3]?\\d)(?:st|nd|rd|th)?";

    private const string YearNumber = "(?<year>[12]\\d{3})";

    /// <summary>Parses a text that is a date and nothing else; null otherwise.</summary>
    public static CalendarDate? Of(string text)
    {
        const int Longest = 40;
        var trimmed = text.Trim().TrimEnd('.');
        return trimmed.Length <= Longest && Pattern().Match(trimmed) is { Success: true } match && match.Length == trimmed.Length ? Read(match) : null;
    }

    /// <summary>All dates of a text, in order, with their positions.</summary>
    public static IEnumerable<(CalendarDate Date, string Text, int Start, int End)> All(string text)
    {
        foreach (Match match in Pattern().Matches(text))
        {
            if (Read(match) is { } date)
            {
                yield return (date, match.Value, match.Index, match.Index + match.Length);
            }
        }
    }

    /// <summary>Whether a text is a date of numbers alone, which is no calculation: <c>2024-05-01</c>, <c>5/1/2024</c>.</summary>
    public static bool IsNumeric(string text)
    {
        const int Shortest = 8;
        const int Longest = 10;
        return text.Length is >= Shortest and <= Longest && Numeric().IsMatch(text);
    }

    /// <summary>Whether it gives every part that a reference gives, with the same value.</summary>
    public bool Answers(CalendarDate reference) =>
        Month == reference.Month && (reference.Year is null || Year == reference.Year) && (reference.Day is null || Day == reference.Day);

    private static CalendarDate? Read(Match match)
    {
        const string Months = "janfebmaraprmayjunjulaugsepoctnovdec";
        var year = Number("year");
        var day = Number("day");
        var month = match.Groups["month"] is { Success: true } name
            ? (Months.IndexOf(name.Value[..3], StringComparison.OrdinalIgnoreCase) / 3) + 1
            : Number("number");
        return month is { } m and >= 1 and <= 12 && day is null or (>= 1 and <= 31) && (year ?? day) is not null ? new CalendarDate(year, m, day) : null;

        int? Number(string group) => match.Groups[group].Success ? int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture) : null;
    }

    [GeneratedRegex(
        @"\b(?:" + MonthName + @"\s+(?:the\s+)?" + DayNumber + @"\b(?:,?\s+(?:of\s+)?" + YearNumber + @"\b)?|" + DayNumber + @"\s+(?:of\s+)?" + MonthName + @"(?![a-z])(?:,?\s+" + YearNumber + @"\b)?"
        + "|" + MonthName + @",?\s+(?:of\s+)?" + YearNumber + @"\b|" + YearNumber + @"-(?<number>\d{2})-(?<day>\d{2})\b"
        + @")|(?<year>[12]\d{3})\s*年\s*(?<number>\d{1,2})\s*月(?:\s*(?<day>\d{1,2})\s*[日号])?",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();

    [GeneratedRegex(@"^(?:\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4}|\d{1,2}\.\d{1,2}\.\d{4})$")]
    private static partial Regex Numeric();
}
