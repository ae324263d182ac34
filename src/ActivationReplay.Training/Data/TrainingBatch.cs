using static TorchSharp.torch;

namespace ActivationReplay.Training.Data;

/// <summary>Pictures with rows after them.</summary>
/// <param name="Prefix">The tokens up to each picture's end.</param>
/// <param name="Features">Visual features of the P pictures, [P, N, D].</param>
/// <param name="Rows">The rows, of any of the pictures.</param>
internal sealed record TrainingBatch(PicturePrefix Prefix, Tensor Features, IReadOnlyList<TrainingRow> Rows)
{
    /// <summary>Trained tokens of all rows.</summary>
    public int Tokens => Rows.Sum(r => r.AnswerLength);
}
