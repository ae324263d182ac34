using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Inputs;
using ActivationReplay.Replay;
using ActivationReplay.Vision;

namespace ActivationReplay.Ablations.Storage;

/// <summary>A finished answer: a line of journal.jsonl.</summary>
/// <param name="Key">A hash of everything that determines the answer.</param>
/// <param name="Index">The index of the question in its data set, from 0; stored as <c>place</c>.</param>
/// <param name="Row">The answer, as a row of samples.csv.</param>
/// <param name="Losses">The losses before each step of the loop; empty without a loop.</param>
/// <param name="Entropy">The entropy map that the report draws over the pictures; only with the first repetition.</param>
/// <param name="Trace">For an error row, the exceptions with their stack traces.</param>
/// <param name="Turns">Of a conversation, the model's turns.</param>
public sealed record JournalEntry(
    string Key, [property: JsonPropertyName("place")] int Index, SampleRow Row, IReadOnlyList<double> Losses, EntropyMap? Entropy = null, string? Trace = null,
    IReadOnlyList<TurnEntry>? Turns = null);

/// <summary>Computes the keys of answers from everything that determines an answer, and nothing else.</summary>
/// <param name="config">The configuration of the run.</param>
/// <param name="pair">The fingerprints of both checkpoints.</param>
/// <param name="form">The form of the keys, as <see cref="FormOf"/> gives it or a journal of before has it.</param>
internal sealed class JournalKeys(RunConfig config, string pair, int form)
{
    private const int Plain = 2;
    private const int OwnDraws = 3;
    private const int OwnChoices = 4;

    private readonly string common = string.Join(
        '\n', pair, config.Pair.Dtype, config.Pair.Tf32, config.SystemPrompt, config.MinPixels, config.MaxPixels, ConfigKeys.Canonical(config.Generation))
        + (config.Pair.Temporal == TemporalPositions.Seconds ? "" : $"\n{config.Pair.Temporal}")
        + (form <= Plain ? "" : $"\nform {form}");

    // Weak keys: the content of a row is hashed once as long as the row is in use.
    private readonly ConditionalWeakTable<DatasetRow, string> contents = [];

    /// <summary>Keys of the form that answers of a run have now.</summary>
    public JournalKeys(RunConfig config, string pair)
        : this(config, pair, FormOf(config))
    {
    }

    /// <summary>
    /// The form of a run's keys; a journal of another form holds no answer that is found by these. Sampled answers have one of their own
    /// since each question has its own draws, and runs of methods that choose at random since each question has its own choices.
    /// </summary>
    public static int FormOf(RunConfig config) =>
        config.Cells.Any(c => c.Settings is GlobalSmoothSettings or SelectionSettings { Selection: EntropySelection.Random }) ? OwnChoices
        : config.Generation.Temperature == 0 ? Plain
        : OwnDraws;

    /// <summary>A form as a sentence to a user says it.</summary>
    public static string NameOf(int form) => form.ToString(CultureInfo.InvariantCulture) + form switch
    {
        OwnDraws => " (each question has draws of its own)",
        OwnChoices => " (each question has draws and random choices of its own)",
        _ => "",
    };

    /// <summary>The key of one repetition of a cell on a sample.</summary>
    public string Of(DatasetRow row, Cell cell, int repetition) => Hash(
    [
        common,
        contents.GetValue(row, Content),
        SettingKeys.Canonical(cell.Method, cell.Settings),
        .. cell.Tool is null ? Array.Empty<string>() : [config.Agent!.Canonical(config, cell)],
        repetition.ToString(CultureInfo.InvariantCulture),
    ]);

    // Pictures count by their bytes: a data set may move, and a changed picture is another question.
    private static string Content(DatasetRow row) => row.Sample is { } sample
        ? Hash([row.Id, sample.Prompt, sample.Answer, .. sample.Images.Select(Picture), .. sample.Videos.SelectMany(Video)])
        : Hash([row.Id]);

    private static string Picture(MediaFile picture)
    {
        try
        {
            return Convert.ToHexString(SHA256.HashData(picture.Read().Span));
        }
        catch (MediaException e)
        {
            // The row becomes an error and is tried again later, under the key of the picture that can be read then.
            return e.Message;
        }
    }

    // A clip counts by its length, its first and last megabyte, and the frames that are taken: films are long.
    private static IEnumerable<string> Video(VideoSource video)
    {
        if (video is FrameList list)
        {
            return [list.FramesPerSecond.ToString("R", CultureInfo.InvariantCulture), .. list.Frames.Select(Picture)];
        }

        var file = (VideoFile)video;
        try
        {
            using var stream = File.OpenRead(file.Path);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var window = new byte[Math.Min(stream.Length, 1 << 20)];
            foreach (var start in new[] { 0, Math.Max(0, stream.Length - window.Length) })
            {
                stream.Position = start;
                stream.ReadExactly(window);
                hash.AppendData(window);
            }

            return [VideoKeys.Canonical(file.Sampling), stream.Length.ToString(CultureInfo.InvariantCulture), Convert.ToHexString(hash.GetHashAndReset())];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [VideoKeys.Canonical(file.Sampling), e.Message];
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
