using System.Globalization;
using System.Text;
using ActivationReplay.Ablations.Outputs;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Parity;

/// <summary>Errors of all cases, a line a quantity, as Markdown.</summary>
internal static class ParityTable
{
    private const string Start = "| quantity, computed in ";

    /// <summary>Whether a file begins as such a table.</summary>
    public static bool Is(string path) => OutputFile.FirstLine(path).StartsWith(Start, StringComparison.Ordinal);

    /// <summary>Median and largest error of each quantity; replay's variants are one.</summary>
    public static string Of(IReadOnlyList<ParityRow> rows, ScalarType type)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Start}{type} | recordings | median error | largest error | limit in fp32 |");
        text.AppendLine("|---|---|---|---|---|");
        foreach (var group in rows.Where(r => r.Status != ParityStatus.NotSupported).GroupBy(r => Name(r.Quantity)))
        {
            var errors = group.Select(r => r.Error).Order().ToArray();
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {group.Key} | {errors.Length} | {Number(errors[errors.Length / 2])} | {Number(errors[^1])} | {Number(group.Min(r => r.Limit))} |");
        }

        return text.ToString();
    }

    // What follows the model's or the variant's name.
    private static string Name(string quantity) => quantity[(quantity.LastIndexOf('.') + 1)..] switch
    {
        "gradient" => "gradient of the first step, relative",
        "delta" => "final offsets, 1 - cosine",
        "losses" => "losses, relative",
        "masks" => "masks, entries that differ",
        "entropy" or "lens_entropy" => "lens entropy, largest, nats",
        "lens_kl" => "lens KL, largest, nats",
        "hidden_states" => "hidden states, relative",
        "logits" => "logits, relative",
        "visual_features" => "visual features, relative",
        "greedy_ids" => "greedy ids that differ",
        var other => other,
    };

    private static string Number(double value) => value.ToString(value == Math.Floor(value) ? "0" : "0.0e+00", CultureInfo.InvariantCulture);
}
