using System.Buffers;
using System.Text;
using System.Text.Json;
using ActivationReplay.Files;
using ActivationReplay.Verification;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>Writes samples as VLMEvalKit's TSV, pictures as base64; <see cref="TsvDataset"/> reads the same samples back.</summary>
public sealed class TsvDatasetWriter : IDisposable
{
    private static readonly SearchValues<char> s_special = SearchValues.Create("\"\t\r\n");

    private readonly string path;
    private readonly IReadOnlyList<string> letters;
    private readonly StreamWriter writer;

    /// <summary>Begins a file.</summary>
    /// <param name="stream">Where it goes; it stays open.</param>
    /// <param name="path">Its name, for messages.</param>
    /// <param name="letters">Letters of the options that any sample has, a column each.</param>
    public TsvDatasetWriter(Stream stream, string path, IReadOnlyList<string> letters)
    {
        (this.path, this.letters) = (path, letters);
        writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        WriteRow(["index", "image", "question", "hint", .. letters, "answer", "category", "question_type"]);
    }

    /// <summary>Writes a file, whole or not at all.</summary>
    /// <param name="path">The file; it is replaced.</param>
    /// <param name="samples">At least one picture each. Columns of options go as far as any sample's.</param>
    /// <exception cref="DatasetException">A sample has no picture.</exception>
    /// <exception cref="Vision.MediaException">A picture cannot be read.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, IReadOnlyCollection<Sample> samples) => AtomicFile.Write(path, stream =>
    {
        using var writer = new TsvDatasetWriter(
            stream, path, [.. samples.SelectMany(s => s.Choices?.Keys ?? []).Distinct().Order(StringComparer.Ordinal)]);
        foreach (var sample in samples)
        {
            writer.Add(sample);
        }
    });

    /// <summary>Adds a row.</summary>
    /// <exception cref="DatasetException">The sample has no picture: the form cannot say that.</exception>
    /// <exception cref="Vision.MediaException">A picture cannot be read.</exception>
    public void Add(Sample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        WriteRow(
        [
            sample.Id, Image(path, sample), sample.Question, sample.Hint, .. letters.Select(l => sample.Choices?.GetValueOrDefault(l)),
            sample.Answer, sample.Family, sample.Kind switch { AnswerKind.YesNo => "yes/no", AnswerKind.Open => "free_form", _ => "multi_choice" },
        ]);
    }

    /// <inheritdoc/>
    public void Dispose() => writer.Dispose();

    private void WriteRow(IEnumerable<string?> cells) => writer.Write(string.Join('\t', cells.Select(Cell)) + "\n");

    private static string Image(string path, Sample sample)
    {
        string[] pictures = [.. sample.Images.Select(i => Convert.ToBase64String(i.Read().Span))];
        return pictures.Length switch
        {
            0 => throw new DatasetException(path, $"the sample '{sample.Id}' has no picture; a row of this form has one at least"),
            1 => pictures[0],
            _ => JsonSerializer.Serialize(pictures),
        };
    }

    private static string Cell(string? text) => text is null ? ""
        : text.AsSpan().ContainsAny(s_special) ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
        : text;
}
