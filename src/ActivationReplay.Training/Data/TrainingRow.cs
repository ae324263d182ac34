namespace ActivationReplay.Training.Data;

/// <summary>A question about one picture of a batch, with an answer whose tokens are trained.</summary>
/// <param name="Picture">Index of the picture in the batch.</param>
/// <param name="Ids">Tokens after the picture: question, then answer with its end token.</param>
/// <param name="AnswerStart">Where in <paramref name="Ids"/> the answer begins.</param>
internal sealed record TrainingRow(int Picture, IReadOnlyList<int> Ids, int AnswerStart)
{
    /// <summary>Tokens that are trained.</summary>
    public int AnswerLength => Ids.Count - AnswerStart;
}
