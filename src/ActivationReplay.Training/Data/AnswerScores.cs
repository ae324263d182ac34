using ActivationReplay.Evaluation.Statistics;

namespace ActivationReplay.Training.Data;

/// <summary>The rewards of the n answers sampled to each problem.</summary>
/// <param name="Rewards">Of each problem, ascending.</param>
internal sealed record AnswerScores(IReadOnlyList<IReadOnlyList<double>> Rewards)
{
    /// <summary>Takes them from sampled answers.</summary>
    public static AnswerScores Of(IReadOnlyList<RolloutGroup> sampled) => new([.. sampled.Select(s => s.Rewards.Order().ToArray())]);

    /// <summary>n, the number of answers to each problem.</summary>
    public int Answers => Rewards[0].Count;

    /// <summary>pass@k averaged over the problems; of graded rewards, the expected best of k.</summary>
    public double PassAt(int k) => Rewards.Average(r => PassAtK.Best(r, k));
}
