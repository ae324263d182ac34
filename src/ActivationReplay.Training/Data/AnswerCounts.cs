using ActivationReplay.Evaluation.Statistics;

namespace ActivationReplay.Training.Data;

/// <summary>The number of right answers among n sampled ones, for each problem.</summary>
/// <param name="Answers">n, the number of answers to each problem.</param>
/// <param name="Correct">The number of right answers to each problem.</param>
internal sealed record AnswerCounts(int Answers, IReadOnlyList<int> Correct)
{
    /// <summary>Counts the answers with a reward of 1.</summary>
    public static AnswerCounts Of(IReadOnlyList<RolloutGroup> sampled) =>
        new(sampled[0].Rewards.Count, [.. sampled.Select(s => (int)s.Rewards.Sum())]);

    /// <summary>pass@k averaged over the problems.</summary>
    public double PassAt(int k) => Correct.Average(c => PassAtK.Estimate(Answers, c, k));
}
