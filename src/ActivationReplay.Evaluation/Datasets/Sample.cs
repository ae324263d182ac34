using ActivationReplay.Text;
using ActivationReplay.Vision;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>A question about pictures, with its answer.</summary>
/// <param name="Id">Unique in its data set.</param>
/// <param name="Question">The text after the pictures.</param>
/// <param name="Images">Pictures in order.</param>
/// <param name="Answer">The reference answer.</param>
/// <param name="Family">A group to report by, or null.</param>
public sealed record Sample(string Id, string Question, IReadOnlyList<MediaFile> Images, string Answer, string? Family = null)
{
    /// <summary>A conversation of one user's turn, after a system prompt where there is one.</summary>
    public IReadOnlyList<ChatMessage> Conversation(string? systemPrompt = null)
    {
        var user = new ChatMessage("user", [.. Images.Select(i => new ImagePart(i)), new TextPart(Question)]);
        return systemPrompt is null ? [user] : [new ChatMessage("system", [new TextPart(systemPrompt)]), user];
    }
}

/// <summary>A data set, or a row of it, cannot be used.</summary>
/// <param name="path">The file.</param>
/// <param name="problem">The row, what is wrong and what would be right.</param>
/// <param name="cause">What led to it.</param>
public sealed class DatasetException(string path, string problem, Exception? cause = null)
    : Exception($"{path}: {problem}", cause)
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;
}

/// <summary>A row of a data set: a sample, or why it is none. One bad row does not end a run.</summary>
/// <param name="Id">The row's id, or its line.</param>
/// <param name="Sample">Null where the row is bad.</param>
/// <param name="Error">Null where the row is good.</param>
public sealed record DatasetRow(string Id, Sample? Sample, string? Error);
