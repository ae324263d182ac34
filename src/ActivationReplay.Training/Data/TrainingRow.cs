using static TorchSharp.torch;

namespace ActivationReplay.Training.Data;

/// <summary>What follows one picture of a batch: a question, then turns of which some tokens are trained.</summary>
/// <param name="Picture">Index of the picture in the batch.</param>
/// <param name="Ids">Tokens after the picture.</param>
/// <param name="Trained">The stretches of <paramref name="Ids"/> that are trained, in order; none begins at 0.</param>
internal sealed record TrainingRow(int Picture, IReadOnlyList<int> Ids, IReadOnlyList<Range> Trained)
{
    /// <summary>A question and its answer, which is trained.</summary>
    public TrainingRow(int picture, IReadOnlyList<int> question, IReadOnlyList<int> answer)
        : this(picture, [.. question, .. answer], [question.Count..(question.Count + answer.Count)])
    {
    }

    /// <summary>Tokens that are trained.</summary>
    public int AnswerLength { get; } = Trained.Sum(range => range.End.Value - range.Start.Value);

    /// <summary>Pictures among <see cref="Ids"/>, such as a tool's.</summary>
    public IReadOnlyList<RowPicture> Pictures { get; init; } = [];

    /// <summary>Rotary positions of <see cref="Ids"/>, [3][T]; null counts on from the picture.</summary>
    public IReadOnlyList<long[]>? Positions { get; init; }
}

/// <summary>A later picture of a row.</summary>
/// <param name="Start">Where in the row's tokens its first visual one stands.</param>
/// <param name="Features">Its visual features, [n, D]. Not owned.</param>
internal readonly record struct RowPicture(int Start, Tensor Features);
