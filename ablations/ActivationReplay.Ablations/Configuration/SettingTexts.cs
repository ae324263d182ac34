using System.Globalization;
using ActivationReplay.Replay;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>Settings that are written in a form of their own, in files, on the command line and in tables alike.</summary>
internal static class SettingTexts
{
    /// <summary>What <see cref="Layers"/> reads, in words.</summary>
    public const string LayersForm = "a count (16), a range (0-15), a list (0 4 7), first-third, first-half, all-but-last, last or all";

    /// <summary>"16" → 0..15, "3-5" → 3, 4, 5, "0,4,7" or "0 4 7" → as listed; a part of a model of any depth by its name.</summary>
    /// <param name="value">The text.</param>
    /// <param name="modelLayers">L, the number of the model's decoder layers. A third and a half are rounded.</param>
    /// <exception cref="ConfigurationException">It is none of these.</exception>
    public static IReadOnlyList<int> Layers(ConfigValue value, int modelLayers)
    {
        (int First, int End)? named = value.Text switch
        {
            "first-third" => (0, (int)Math.Round(modelLayers / 3.0)),
            "first-half" => (0, (int)Math.Round(modelLayers / 2.0, MidpointRounding.AwayFromZero)),
            "all-but-last" => (0, modelLayers - 1),
            "last" => (modelLayers - 1, modelLayers),
            "all" => (0, modelLayers),
            _ => null,
        };
        if (named is { } part)
        {
            return [.. Enumerable.Range(part.First, part.End - part.First)];
        }

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
            : throw value.Wrong(LayersForm);
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
