using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActivationReplay.Files;
using ActivationReplay.Vision;

namespace ActivationReplay.Training.Tasks.Clips;

/// <summary>Writes problems about clips as a data set: JSONL with MP4 files beside it, with the frames and their size named, so that a model sees them as they are.</summary>
public static class ClipFiles
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes <c>samples.jsonl</c> and <c>clips/ID.mp4</c>.</summary>
    /// <param name="folder">The folder; made if it is not there.</param>
    /// <param name="problems">What to write, one row each.</param>
    /// <exception cref="MediaException">ffmpeg is missing, or cannot encode.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(string folder, IEnumerable<ClipProblem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        Directory.CreateDirectory(Path.Combine(folder, "clips"));
        var writer = new VideoWriter();
        AtomicFile.Write(Path.Combine(folder, "samples.jsonl"), lines =>
        {
            using var jsonl = new StreamWriter(lines, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
            foreach (var problem in problems)
            {
                var clip = $"clips/{problem.Id}.mp4";
                writer.Write(Path.Combine(folder, clip), ClipPainter.Paint(problem.Clip), Clip.FramesPerSecond);
                var video = new Video(clip, Clip.FrameCount, Clip.Pixels * Clip.Pixels, Clip.Pixels * Clip.Pixels);
                var row = new Row(problem.Id, problem.Question, [video], problem.Choices, problem.Answer, problem.Family, problem.ProblemType);
                jsonl.Write(JsonSerializer.Serialize(row, s_json) + "\n");
            }
        });
    }

    private sealed record Row(
        string Id,
        string Question,
        IReadOnlyList<Video> Videos,
        IReadOnlyDictionary<string, string>? Choices,
        string Answer,
        string Family,
        string ProblemType);

    private sealed record Video(
        [property: System.Text.Json.Serialization.JsonPropertyName("video")] string Path, int Nframes, int MinPixels, int MaxPixels);
}
