using System.CommandLine;
using System.Globalization;
using ActivationReplay.Replay;

namespace ActivationReplay.Ablations.Commands;

/// <summary>Options of the replay loop. Defaults suit the small pair; the published ones are in the help.</summary>
internal sealed class ReplayOptions
{
    private readonly Option<string> layers = new("--layers")
    {
        Description = "Layers whose inputs enter the loss: a count N (the first N), a range A-B, or a list A,B,C. Published: 16.",
        DefaultValueFactory = _ => "7",
    };

    private readonly Option<string> threshold = new("--threshold")
    {
        Description = "Low entropy is at most: max-fraction:F of the largest, quantile:Q, or absolute:NATS. Published: max-fraction:0.4.",
        DefaultValueFactory = _ => "quantile:0.5",
    };

    private readonly Option<LayerAlignment> alignment = new("--alignment")
    {
        Description = "aligned compares like with like; reference compares the base state leaving a layer, as the released code does.",
    };

    private readonly Option<double> learningRate = new("--learning-rate")
    {
        Description = "Step size of the gradient descent.",
        DefaultValueFactory = _ => 10,
    };

    private readonly Option<int> iterations = new("--iterations") { Description = "Steps.", DefaultValueFactory = _ => 25 };

    private readonly Option<int> words = new("--words")
    {
        Description = "Words of the target that are compared (K); 0 is the whole vocabulary.",
        DefaultValueFactory = _ => 50,
    };

    public void AddTo(Command command)
    {
        command.Options.Add(layers);
        command.Options.Add(threshold);
        command.Options.Add(alignment);
        command.Options.Add(learningRate);
        command.Options.Add(iterations);
        command.Options.Add(words);
    }

    /// <exception cref="ArgumentException">A value is out of range; the message names the option and what is allowed.</exception>
    public ReplaySettings Read(ParseResult parsed) => new()
    {
        Layers = ParseLayers(parsed.GetRequiredValue(layers)),
        Threshold = ParseThreshold(parsed.GetRequiredValue(threshold)),
        Alignment = parsed.GetValue(alignment),
        LearningRate = parsed.GetValue(learningRate),
        Iterations = parsed.GetValue(iterations),
        TopK = parsed.GetValue(words),
    };

    /// <summary>"16" → 0..15, "3-5" → 3, 4, 5, "0,4,7" → as listed.</summary>
    internal static IReadOnlyList<int> ParseLayers(string text)
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
    internal static EntropyThreshold ParseThreshold(string text) =>
        text.Split(':') is [var rule, var value]
        && Enum.TryParse<ThresholdRule>(rule.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var parsedRule)
        && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsedValue)
            ? new EntropyThreshold(parsedRule, parsedValue)
            : throw new ArgumentException(
                $"--threshold {text}: allowed are max-fraction:F, quantile:Q and absolute:NATS, for example max-fraction:0.4.");

    private static bool TryInt(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
