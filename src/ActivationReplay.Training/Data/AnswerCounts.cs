using ActivationReplay.Evaluation.Statistics;

namespace ActivationReplay.Training.Data;

/// <summary>How many of n answers to each problem are right.</summary>
/// <param name="Answers">n.</param>
/// <param name="Correct">Right answers, one number a problem.</param>
internal sealed record AnswerCounts(int Answers, IReadOnlyList<int> Correct)
{
    /// <summary>Counts rewards.</summary>
    public static AnswerCounts Of(IReadOnlyList<SampledAnswers> sampled) =>
        new(sampled[0].Rewards.Count, [.. sampled.Select(s => (int)s.Rewards.Sum())]);

    /// <summary>pass@k averaged over the problems.</summary>
    public double PassAt(int k) => Correct.Average(c => PassAtK.Estimate(Answers, c, k));
}
