using ActivationReplay.Evaluation.Datasets;

namespace ActivationReplay.Ablations.LensReports;

/// <summary>What base and RLVR are compared on.</summary>
/// <param name="Id">Its name in tables.</param>
/// <param name="Ask">Makes the prompt, each time anew, so that pictures of many questions are not held; throws what is wrong with it.</param>
internal sealed record LensQuestion(string Id, Func<Question> Ask)
{
    /// <summary>A row of a data set.</summary>
    /// <param name="row">The row.</param>
    /// <param name="systemPrompt">The system message, or null.</param>
    public static LensQuestion Of(DatasetRow row, string? systemPrompt) => new(
        row.Id, () => new Question((row.Sample ?? throw new LensQuestionException(row.Error!)).Conversation(systemPrompt)));
}

/// <summary>A row is no question; the message is what the data set says of it.</summary>
internal sealed class LensQuestionException(string message) : Exception(message);
