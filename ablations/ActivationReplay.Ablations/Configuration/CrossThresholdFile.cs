using System.Globalization;
using System.Text.Json;
using ActivationReplay.Files;
using ActivationReplay.Replay;
using ActivationReplay.Text;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>Thresholds of cross-model intervention as <c>calibrate</c> writes them.</summary>
/// <param name="Base">Fingerprint of the base checkpoint that was measured.</param>
/// <param name="Alignment">aligned: entropies of the states entering a layer; reference: leaving it.</param>
/// <param name="Quantile">Of the base entropies over every position of every sample.</param>
/// <param name="Samples">Samples measured.</param>
/// <param name="Positions">Positions measured.</param>
/// <param name="Thresholds">Nats, a layer each from the first.</param>
internal sealed record CrossThresholdFile(
    string Base, string Alignment, double Quantile, int Samples, long Positions, IReadOnlyList<double> Thresholds)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public void Write(string path) => AtomicFile.WriteText(path, JsonSerializer.Serialize(this, Json) + "\n");

    /// <summary>"published", "2.0", "4.8,4.7,3.7" or a file: thresholds of the first <paramref name="layers"/> layers.</summary>
    /// <exception cref="ConfigurationException">It is none of these, or has too few numbers.</exception>
    public static IReadOnlyList<double> Parse(ConfigValue value, int layers, LayerAlignment alignment)
    {
        var text = value.FileOrText();
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var one))
        {
            return [.. Enumerable.Repeat(one, layers)];
        }

        var all = text == "published" ? CrossModelSettings.PublishedThresholds
            : File.Exists(text) ? Read(value, text, alignment)
            : List(value);
        return all.Count >= layers
            ? [.. all.Take(layers)]
            : throw value.Wrong(string.Create(CultureInfo.InvariantCulture, $"as many numbers as cross-layers, which is {layers}; it has {all.Count}"));
    }

    /// <summary>The same thresholds for another number of layers.</summary>
    /// <exception cref="ConfigurationException">There are not as many.</exception>
    public static IReadOnlyList<double> Resize(IReadOnlyList<double> thresholds, int layers, ConfigValue value)
    {
        var more = thresholds.Distinct().Count() == 1 ? Enumerable.Repeat(thresholds[0], layers) : CrossModelSettings.PublishedThresholds;
        IReadOnlyList<double> resized = [.. layers <= thresholds.Count ? thresholds.Take(layers) : more.Take(layers)];
        return resized.Count == layers
            ? resized
            : throw value.Wrong($"a whole number from 1 to {CrossModelSettings.PublishedThresholds.Count} with the published thresholds");
    }

    private static IReadOnlyList<double> List(ConfigValue value)
    {
        var numbers = value.Text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries).Select(p =>
            double.TryParse(p, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : (double?)null).ToList();
        return numbers.Count > 0 && numbers.TrueForAll(n => n is not null)
            ? [.. numbers.Select(n => n!.Value)]
            : throw value.Wrong("published, a number of nats, a list of them, or a file that calibrate wrote");
    }

    /// <summary>Whether a file is one of these.</summary>
    public static bool Is(string path)
    {
        try
        {
            return Read(path).Thresholds is not null;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static CrossThresholdFile Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<CrossThresholdFile>(TextFile.Read(path), Json)
                ?? throw new InvalidDataException($"{path} holds null; calibrate writes such files.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: {e.Message} calibrate writes such files.", e);
        }
    }

    private static IReadOnlyList<double> Read(ConfigValue value, string path, LayerAlignment alignment)
    {
        var file = Of(value, path);
        return string.Equals(file.Alignment, alignment.ToString(), StringComparison.OrdinalIgnoreCase)
            ? file.Thresholds
            : throw value.Wrong($"a file measured with the run's alignment, {ConfigValue.Kebab(alignment)}; this one has {file.Alignment}: calibrate anew");
    }

    private static CrossThresholdFile Of(ConfigValue value, string path)
    {
        try
        {
            return Read(path);
        }
        catch (InvalidDataException e)
        {
            throw value.Wrong($"a file that calibrate wrote ({e.Message})");
        }
    }
}
