using System.Globalization;
using ActivationReplay.Replay;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>Settings that are written in a form of their own, in files, on the command line and in tables alike.</summary>
internal static class SettingTexts
{
    /// <summary>"16" → 0..15, "3-5" → 3, 4, 5, "0,4,7" or "0 4 7" → as listed.</summary>
    /// <exception cref="ConfigurationException">It is none of these.</exception>
    public static IReadOnlyList<int> Layers(ConfigValue value)
    {
        var parts = value.Text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries);
        if (parts is [var single])
        {
            if (single.Split('-') is [var first, var last] && TryInt(first, out var a) && TryInt(last, out var b) && a <= b)
            {
                return [.. Enumerable.Range(a, b - a + 1)];
            }

            if (TryInt(single, out var count) && count > 0)
            {
                return [.. Enumerable.Range(0, count)];
            }
        }

        return parts.Length > 1 && Array.TrueForAll(parts, p => TryInt(p, out _))
            ? [.. parts.Select(p => int.Parse(p, CultureInfo.InvariantCulture)).Distinct().Order()]
            : throw value.Wrong("a count (16), a range (0-15) or a list (0 4 7)");
    }

    /// <summary>What <see cref="Layers"/> reads: the layers in a row, or N-N for one, since a number alone is a count.</summary>
    public static string Of(IReadOnlyList<int> layers) => layers is [var one]
        ? string.Create(CultureInfo.InvariantCulture, $"{one}-{one}")
        : string.Join(' ', layers.Select(l => l.ToString(CultureInfo.InvariantCulture)));

    /// <summary>"quantile:0.5" and the like.</summary>
    /// <exception cref="ConfigurationException">It is nothing like it.</exception>
    public static EntropyThreshold Threshold(ConfigValue value)
    {
        foreach (var rule in Enum.GetValues<ThresholdRule>())
        {
            if (value.Text.Split(':') is [var name, var number] && name == ConfigValue.Kebab(rule)
                && double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed))
            {
                return new EntropyThreshold(rule, parsed);
            }
        }

        throw value.Wrong("max-fraction:F, quantile:Q or absolute:NATS, for example max-fraction:0.4");
    }

    /// <summary>What <see cref="Threshold"/> reads.</summary>
    public static string Of(EntropyThreshold threshold) =>
        string.Create(CultureInfo.InvariantCulture, $"{ConfigValue.Kebab(threshold.Rule)}:{threshold.Value:R}");

    /// <summary>Nats, a layer each, as <see cref="CrossThresholdFile.Parse"/> reads them.</summary>
    public static string Of(IReadOnlyList<double> nats) => string.Join(' ', nats.Select(n => n.ToString("R", CultureInfo.InvariantCulture)));

    private static bool TryInt(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
