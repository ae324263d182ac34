using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Evaluation.Datasets;

namespace ActivationReplay.Ablations.Runs;

/// <summary>One finished answer, as a line of journal.jsonl.</summary>
/// <param name="Key">Hash of all that decides it.</param>
/// <param name="Place">The question's place in its data set, from 0.</param>
/// <param name="Row">The answer.</param>
/// <param name="Losses">Its cell's loss before each step.</param>
public sealed record JournalEntry(string Key, int Place, SampleRow Row, IReadOnlyList<double> Losses);

/// <summary>Keys by content: what decides an answer is in them, nothing else.</summary>
/// <param name="config">The run.</param>
/// <param name="pair">Fingerprint of both checkpoints.</param>
internal sealed class JournalKeys(RunConfig config, string pair)
{
    private readonly string common = string.Join(
        '\n', pair, config.Pair.Dtype, config.SystemPrompt, config.MinPixels, config.MaxPixels, Canonical.Of(config.Generation));

    /// <summary>The key of one repetition of a cell on a sample.</summary>
    public string Of(DatasetRow row, Cell cell, int repetition)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(common);
        Append(row.Id);
        Append(Canonical.Of(cell.Method, cell.Settings));
        Append(repetition.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (row.Sample is { } sample)
        {
            Append(sample.Question);
            Append(sample.Answer);
            foreach (var image in sample.Images)
            {
                // The name stands for a picture that cannot be read: its row is an error and is tried again.
                Append(image.Name);
            }
        }

        return Convert.ToHexString(hash.GetHashAndReset())[..32];

        void Append(string text) => hash.AppendData(Encoding.UTF8.GetBytes(text + "\0"));
    }
}

internal static class JournalJson
{
    public static JsonSerializerOptions Indented => indented.Value;

    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectRequiredConstructorParameters = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly Lazy<JsonSerializerOptions> indented = new(() => new(Options) { WriteIndented = true });
}
