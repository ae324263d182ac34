namespace ActivationReplay.Evaluation.Datasets;

/// <summary>
/// <c>&lt;image&gt;</c> in a question of a Hugging Face set or JSONL says where a picture belongs. Pictures come first here: markers
/// at the start say nothing more and go; others are numbered as VLMEvalKit writes them, <c>&lt;image 1&gt;</c>.
/// </summary>
internal static class ImageMarkers
{
    private const string Marker = "<image>";

    /// <summary>The question without markers, or with numbered ones; as it is where they do not match the pictures.</summary>
    public static string? Resolve(string? question, int images)
    {
        var parts = question?.Split(Marker) ?? [];
        if (parts.Length - 1 != images || images == 0)
        {
            return question;
        }

        return parts[..^1].All(string.IsNullOrWhiteSpace)
            ? parts[^1].TrimStart()
            : string.Concat(parts.Select((part, i) => i == 0 ? part : $"<image {i}>{part}"));
    }
}
