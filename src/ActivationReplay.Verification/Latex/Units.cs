using System.Text.RegularExpressions;

namespace ActivationReplay.Verification.Latex;

/// <summary>Takes units, currencies and counted things off the end of a quantity.</summary>
internal static partial class Units
{
    private const string Words =
        "mm|cm|dm|km|nm|µm|meters?|metres?|millimeters?|centimeters?|kilometers?|millimetres?|centimetres?|kilometres?|inch(?:es)?|in|ft|foot|feet|yards?|yd|"
        + "miles?|mi|mph|kmph|kph|km/h|mg|kg|kgs|grams?|kilograms?|pounds?|lbs?|ounces?|oz|tons?|tonnes?|ml|mL|dl|lit(?:er|re)s?|gallons?|gal|cups?|"
        + "ms|sec|secs|seconds?|min|mins|minutes?|hr|hrs|hours?|days?|weeks?|months?|years?|yrs?|am|pm|a\\.m\\.|p\\.m\\.|"
        + "hz|khz|mhz|ghz|pa|kpa|mpa|atm|kj|mj|kw|kwh|mw|mol|ohms?|volts?|amps?|watts?|joules?|newtons?|kelvin|celsius|fahrenheit|cal|kcal|bits?|bytes?|kb|mb|gb|"
        + "degrees?|deg|radians?|rad|units?|squares?|sq|cubic|cu|cc|cubes?|acres?|hectares?|ha|points?|pts?|"
        + "dollars?|cents?|euros?|yuan|rmb|yen|rupees?|rs\\.?|usd|eur|gbp|inr|cad|"
        + "per|each|people|persons?|men|women|children|students?|apples?|coins?|balls?|tickets?|tiles?|edges?|digits?|sides?|ways?|times?|pieces?|items?";

    private const string Letters = "m|s|g|h|l|L|J|N|W|V|A|K|C|F|T|b|B";

    private const string Raised = @"(?:\s*\^\s*(?:\{\s*-?\s*\d+\s*\}|\d))?";

    private const string TextBox = @"\\text\s*\{[^{}]*\}" + Raised;

    private static readonly HashSet<string> s_notUnits =
        ["and", "or", "if", "when", "for", "where", "sin", "cos", "tan", "log", "ln", "exp", "sqrt", "pi", "mod", "max", "min", "infinity", "percent", "times", "over", "plus", "minus", "not"];

    /// <summary>The quantity alone; the text as it is where nothing else would be left.</summary>
    public static string Strip(string text)
    {
        // "3 m / s" has parts; a fixed number of rounds is enough for any that people write.
        const int Rounds = 5;
        for (var i = 0; i < Rounds; i++)
        {
            var shorter = Once(text);
            if (shorter == text)
            {
                break;
            }

            text = shorter;
        }

        return text;
    }

    private static string Once(string text)
    {
        foreach (var pattern in new[] { Temperature(), BoxedFraction(), Boxed(), Word() })
        {
            if (pattern.Match(text) is { Success: true } match && Rest(text, match) is { } rest)
            {
                return rest;
            }
        }

        if (Letter().Match(text) is { Success: true } letter && PureNumber().IsMatch(text[..letter.Index]))
        {
            return text[..letter.Index].TrimEnd();
        }

        return Counted().Match(text) is { Success: true } counted
            && !counted.Groups["words"].Value.Split(' ').Any(w => s_notUnits.Contains(w.ToLowerInvariant()))
            ? counted.Groups["number"].Value
            : text;
    }

    private static string? Rest(string text, Match match)
    {
        var words = match.Groups["word"].Value.Trim().ToLowerInvariant();
        var rest = TrailingOperator().Replace(text[..match.Index], "").TrimEnd();
        return rest.Length > 0 && !s_notUnits.Contains(words) && (char.IsLetterOrDigit(rest[^1]) || rest[^1] is '}' or ')' or ']' or '%' or '!' or '|' or '.')
            ? rest
            : null;
    }

    [GeneratedRegex(@"(?:\^\s*\{?\s*\\circ\s*\}?|\\degree)\s*(?:\\text\s*\{\s*[CFK]\s*\}|[CFK])\s*$")]
    private static partial Regex Temperature();

    [GeneratedRegex(@"\\frac\s*\{\s*" + TextBox + @"\s*\}\s*\{\s*" + TextBox + @"\s*\}\s*$")]
    private static partial Regex BoxedFraction();

    [GeneratedRegex(@"\\text\s*\{(?<word>[^{}]*)\}" + Raised + @"\s*$")]
    private static partial Regex Boxed();

    [GeneratedRegex(@"(?<=[\d}\)\s/%])(?:" + Words + ")" + Raised + @"(?:\s*/\s*(?:" + Words + "|" + Letters + ")" + Raised + @")?\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex Word();

    [GeneratedRegex(@"\s*(?<=[\d}\s])(?:" + Letters + ")" + Raised + @"(?:\s*/\s*(?:" + Words + "|" + Letters + ")" + Raised + @")?\s*$")]
    private static partial Regex Letter();

    [GeneratedRegex(@"^\s*[-+]?(?:\d[\d.,]*|\.\d+)(?:[eE][-+]?\d+|\s*\\times\s*10\s*\^\s*(?:\{[^{}]*\}|-?\d+))?\s*$|^\s*[-+]?\d*\s*\\frac\s*\{\s*\d+\s*\}\s*\{\s*\d+\s*\}\s*$")]
    private static partial Regex PureNumber();

    [GeneratedRegex(@"^\s*(?<number>[-+]?(?:\d[\d.,]*|\.\d+)(?:\s*/\s*\d+)?)\s+(?<words>(?=[a-zA-Z]*[aeiouAEIOU])[a-zA-Z]{4,}(?:\s+[a-zA-Z]+){0,5})\s*$")]
    private static partial Regex Counted();

    [GeneratedRegex(@"(?:/|\\cdot|\\times|\\,|\\;|\\ |~|\s)+$")]
    private static partial Regex TrailingOperator();
}
