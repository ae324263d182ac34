using static TorchSharp.torch;

namespace ActivationReplay.Training.Data;

/// <summary>Sampled answers to one problem.</summary>
/// <param name="Rewards">Of each answer, 0 to 1; 1 where it is right.</param>
/// <param name="Tokens">Mean of the tokens that an answer took.</param>
internal sealed record RolloutGroup(IReadOnlyList<double> Rewards, double Tokens) : IDisposable
{
    /// <summary>Visual features of its picture, [N, D]; null unless kept. Owned.</summary>
    public Tensor? Features { get; init; }

    /// <summary>A row an answer, of picture 0; empty unless kept. Features of later pictures are owned.</summary>
    public IReadOnlyList<TrainingRow> Rows { get; init; } = [];

    /// <inheritdoc/>
    public void Dispose()
    {
        Features?.Dispose();
        foreach (var picture in Rows.SelectMany(r => r.Pictures))
        {
            picture.Features.Dispose();
        }
    }
}
