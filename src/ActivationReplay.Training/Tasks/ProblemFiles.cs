using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Files;

namespace ActivationReplay.Training.Tasks;

/// <summary>Writes problems as a data set: JSONL with PNG files beside it, and the same rows as VLMEvalKit's TSV.</summary>
public static class ProblemFiles
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes <c>samples.jsonl</c>, <c>samples.tsv</c> (pictures as base64) and <c>images/ID.png</c>.</summary>
    /// <param name="folder">The folder; made if it is not there.</param>
    /// <param name="problems">What to write, one row each, of one picture.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(string folder, IEnumerable<Sample> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        var table = Path.Combine(folder, "samples.tsv");
        AtomicFile.Write(Path.Combine(folder, "samples.jsonl"), lines => AtomicFile.Write(table, cells =>
        {
            using var jsonl = new StreamWriter(lines, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
            using var tsv = new TsvDatasetWriter(cells, table, letters: []);
            foreach (var sample in problems)
            {
                var image = $"images/{sample.Id}.png";
                AtomicFile.WriteBytes(Path.Combine(folder, image), sample.Images[0].Read());
                var row = new Row(sample.Id, sample.Question, [image], sample.Answer, sample.Family!);
                jsonl.Write(JsonSerializer.Serialize(row, s_json) + "\n");
                tsv.Add(sample);
            }
        }));
    }

    private sealed record Row(string Id, string Question, IReadOnlyList<string> Images, string Answer, string Family);
}
