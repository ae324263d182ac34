using System.Buffers;
using System.Text;
using System.Text.Json;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>Writes samples as VLMEvalKit's TSV, pictures as base64; <see cref="TsvDataset"/> reads the same samples back.</summary>
public static class TsvDatasetWriter
{
    private static readonly SearchValues<char> s_special = SearchValues.Create("\"\t\r\n");

    /// <summary>Writes a sample at a time. Columns of options go as far as any sample's.</summary>
    /// <param name="path">The file; it is replaced.</param>
    /// <param name="samples">At least one picture each. Gone through twice.</param>
    /// <exception cref="DatasetException">A sample has no picture: the form cannot say that.</exception>
    /// <exception cref="Vision.MediaException">A picture cannot be read.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, IReadOnlyCollection<Sample> samples)
    {
        string[] letters = [.. samples.SelectMany(s => s.Choices?.Keys ?? []).Distinct().Order(StringComparer.Ordinal)];
        using var writer = new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        WriteRow(["index", "image", "question", "hint", .. letters, "answer", "category", "question_type"]);
        foreach (var sample in samples)
        {
            WriteRow(
            [
                sample.Id, Image(path, sample), sample.Question, sample.Hint, .. letters.Select(l => sample.Choices?.GetValueOrDefault(l)),
                sample.Answer, sample.Family, sample.Kind switch { SampleKind.YesNo => "yes/no", SampleKind.Open => "free_form", _ => "multi_choice" },
            ]);
        }

        void WriteRow(IEnumerable<string?> cells) => writer.Write(string.Join('\t', cells.Select(Cell)) + "\n");
    }

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
