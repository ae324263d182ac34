using System.Globalization;
using ActivationReplay.Replay;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>Settings that are written in a form of their own, in files and on the command line alike.</summary>
internal static class SettingTexts
{
    /// <summary>"16" → 0..15, "3-5" → 3, 4, 5, "0,4,7" → as listed.</summary>
    public static IReadOnlyList<int> Layers(string text)
    {
        var parts = text.Split(',');
        if (parts.Length == 1 && parts[0].Split('-') is [var first, var last] && TryInt(first, out var a) && TryInt(last, out var b) && a <= b)
        {
            return [.. Enumerable.Range(a, b - a + 1)];
        }

        if (parts.Length == 1 && TryInt(text, out var count) && count > 0)
        {
            return [.. Enumerable.Range(0, count)];
        }

        return parts.Length > 1 && Array.TrueForAll(parts, p => TryInt(p, out _))
            ? [.. parts.Select(p => int.Parse(p, CultureInfo.InvariantCulture)).Distinct().Order()]
            : throw new ArgumentException($"--layers {text}: allowed are a count (16), a range (0-15) or a list (0,4,7).");
    }

    /// <summary>"quantile:0.5" and the like.</summary>
    public static EntropyThreshold Threshold(string text) =>
        text.Split(':') is [var rule, var value]
        && Enum.TryParse<ThresholdRule>(rule.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var parsedRule)
        && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsedValue)
            ? new EntropyThreshold(parsedRule, parsedValue)
            : throw new ArgumentException(
                $"--threshold {text}: allowed are max-fraction:F, quantile:Q and absolute:NATS, for example max-fraction:0.4.");

    private static bool TryInt(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
