using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ActivationReplay.Training.Tasks;

/// <summary>Writes problems as a data set: JSONL with PNG files beside it, and the same rows as VLMEvalKit's TSV.</summary>
public static class CountingDataset
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes <c>samples.jsonl</c>, <c>samples.tsv</c> (pictures as base64) and <c>images/ID.png</c>.</summary>
    /// <param name="folder">The folder; made if it is not there.</param>
    /// <param name="problems">What to write, one row each.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(string folder, IEnumerable<CountingProblem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        using var jsonl = Open("samples.jsonl");
        using var tsv = Open("samples.tsv");
        tsv.Write("index\timage\tquestion\tanswer\tcategory\n");
        foreach (var problem in problems)
        {
            var png = problem.Png();
            var image = $"images/{problem.Id}.png";
            File.WriteAllBytes(Path.Combine(folder, image), png);
            var row = new Row(problem.Id, problem.Question.Text, [image], problem.Answer, problem.Family);
            jsonl.Write(JsonSerializer.Serialize(row, s_json) + "\n");
            tsv.Write($"{problem.Id}\t{Convert.ToBase64String(png)}\t{row.Question}\t{row.Answer}\t{row.Family}\n");
        }

        StreamWriter Open(string name) => new(Path.Combine(folder, name), append: false, new UTF8Encoding(false));
    }

    private sealed record Row(string Id, string Question, IReadOnlyList<string> Images, string Answer, string Family);
}
