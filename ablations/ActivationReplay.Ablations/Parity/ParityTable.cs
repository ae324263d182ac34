using System.Globalization;
using System.Text;
using ActivationReplay.Ablations.Outputs;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Parity;

/// <summary>Errors of all cases, a line a quantity, as Markdown.</summary>
internal static class ParityTable
{
    private const string Start = "| quantity, computed in ";
    private const string On = " on ";

    /// <summary>Whether a file begins as such a table.</summary>
    public static bool Is(string path) => OutputFile.FirstLine(path).StartsWith(Start, StringComparison.Ordinal);

    /// <summary>Median and largest error of each quantity; replay's variants are one.</summary>
    /// <param name="rows">The comparisons.</param>
    /// <param name="type">The type that was computed in.</param>
    /// <param name="device">The device.</param>
    /// <param name="beside">The errors of another table, from <see cref="Read"/>; null is none.</param>
    public static string Of(IReadOnlyList<ParityRow> rows, ScalarType type, string device, OtherErrors? beside = null)
    {
        var text = new StringBuilder();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"{Start}{type}{On}{device} | recordings | median error | largest error | limit in fp32 |{(beside is null ? "" : $" median{On}{beside.Device} | largest{On}{beside.Device} |")}");
        text.AppendLine($"|---|---|---|---|---|{(beside is null ? "" : "---|---|")}");
        foreach (var group in rows.Where(r => r.Status != ParityStatus.NotSupported).GroupBy(r => Name(r.Quantity)))
        {
            var errors = group.Select(r => r.Error).Order().ToArray();
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {group.Key} | {errors.Length} | {Number(errors[errors.Length / 2])} | {Number(errors[^1])} | {Number(group.Min(r => r.Limit))} |");
            var (median, largest) = beside is not null && beside.Errors.TryGetValue(group.Key, out var other) ? other : ("", "");
            text.AppendLine(beside is null ? "" : $" {median} | {largest} |");
        }

        return text.ToString();
    }

    /// <summary>The errors of a table that was written earlier, which may have other text around it.</summary>
    /// <exception cref="InvalidDataException">There is no such table in the file.</exception>
    public static OtherErrors Read(string path)
    {
        var lines = File.ReadLines(path).SkipWhile(l => !l.StartsWith(Start, StringComparison.Ordinal)).TakeWhile(l => l.StartsWith('|')).Select(Cells).ToList();
        if (lines.Count < 3 || lines.Exists(cells => cells.Length < 4))
        {
            throw new InvalidDataException($"{path} has no table of parity; --table writes one.");
        }

        var (header, place) = (lines[0][0], lines[0][0].IndexOf(On, StringComparison.Ordinal));
        return new OtherErrors(
            place < 0 ? "cpu" : header[(place + On.Length)..], // before devices were named, there was one
            lines.Skip(2).ToDictionary(cells => cells[0], cells => (cells[2], cells[3]), StringComparer.Ordinal));
    }

    private static string[] Cells(string line) => [.. line.Trim('|').Split('|').Select(c => c.Trim())];

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

/// <summary>The errors of a table of parity.</summary>
/// <param name="Device">The device that they are of.</param>
/// <param name="Errors">The median and the largest of each quantity, as the table has them.</param>
internal sealed record OtherErrors(string Device, IReadOnlyDictionary<string, (string Median, string Largest)> Errors);
