using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Vision;

namespace ActivationReplay.Ablations.Storage;

/// <summary>One finished answer, as a line of journal.jsonl.</summary>
/// <param name="Key">Hash of all that decides it.</param>
/// <param name="Index">The question's index in its data set, from 0.</param>
/// <param name="Row">The answer.</param>
/// <param name="Losses">Its cell's loss before each step.</param>
/// <param name="Entropy">What the report draws over the pictures; with the first repetition alone.</param>
/// <param name="Trace">Of an error row: the exceptions with their stack traces.</param>
public sealed record JournalEntry(
    string Key, [property: JsonPropertyName("place")] int Index, SampleRow Row, IReadOnlyList<double> Losses, EntropyMap? Entropy = null, string? Trace = null);

/// <summary>Keys by content: what decides an answer is in them, nothing else.</summary>
/// <param name="config">The run.</param>
/// <param name="pair">Fingerprint of both checkpoints.</param>
internal sealed class JournalKeys(RunConfig config, string pair)
{
    /// <summary>The form of the keys; a journal of another form holds no answer that is found by these.</summary>
    public const int Form = 2;

    private readonly string common = string.Join(
        '\n', pair, config.Pair.Dtype, config.SystemPrompt, config.MinPixels, config.MaxPixels, ConfigKeys.Canonical(config.Generation));

    // Weak: a row's content is hashed once while someone holds the row.
    private readonly ConditionalWeakTable<DatasetRow, string> contents = [];

    /// <summary>The key of one repetition of a cell on a sample.</summary>
    public string Of(DatasetRow row, Cell cell, int repetition) => Hash(
    [
        common,
        contents.GetValue(row, Content),
        SettingKeys.Canonical(cell.Method, cell.Settings),
        repetition.ToString(CultureInfo.InvariantCulture),
    ]);

    // Pictures by their bytes: a data set may move, and a picture that changed is another question.
    private static string Content(DatasetRow row) => row.Sample is { } sample
        ? Hash([row.Id, sample.Prompt, sample.Answer, .. sample.Images.Select(Picture)])
        : Hash([row.Id]);

    private static string Picture(MediaFile picture)
    {
        try
        {
            return Convert.ToHexString(SHA256.HashData(picture.Read().Span));
        }
        catch (MediaException e)
        {
            // Its row is an error and is tried again, once under the picture's own key.
            return e.Message;
        }
    }

    private static string Hash(IEnumerable<string> parts) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts))))[..32];
}

internal static class JournalJson
{
    public static JsonSerializerOptions Indented => indented.Value;

    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectRequiredConstructorParameters = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly Lazy<JsonSerializerOptions> indented = new(() => new(Options) { WriteIndented = true });
}
