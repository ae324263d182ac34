using System.Globalization;
using ActivationReplay.Generation;
using ActivationReplay.Training.Data;
using ActivationReplay.Training.Tasks;

namespace ActivationReplay.Training.Stages;

/// <summary>Measures the policy on validation problems and tells when <see cref="StoppingRule"/> is met.</summary>
/// <param name="rule">The rule.</param>
/// <param name="scenes">The problems' scenes.</param>
/// <param name="seed">Decides the problems and answers.</param>
/// <param name="sampler">Samples from the policy.</param>
/// <param name="log">The validations' CSV, whose first row is the base model's.</param>
internal sealed class StoppingPoint(StoppingRule rule, SceneSettings scenes, ulong seed, AnswerSampler sampler, string log)
{
    /// <summary>Whether to validate after <paramref name="steps"/> steps.</summary>
    public bool IsDue(int steps) => rule.Problems > 0 && steps % rule.Every == 0;

    /// <summary>Answers the validation problems.</summary>
    public AnswerCounts Measure(GrpoSettings settings, CancellationToken cancel) => AnswerCounts.Of(sampler.Run(
        [.. Enumerable.Range(0, rule.Problems)
            .Select(i => CountingProblem.Create(scenes, seed, CountingSplit.Validation, i).ToSample())],
        new GenerationSettings
        {
            Temperature = 1,
            MaxNewTokens = settings.MaxNewTokens,
            Samples = rule.Answers,
            Seed = seed,
        },
        cancel: cancel));

    /// <summary>Whether pass@1 has risen and pass@n fallen enough since step 0.</summary>
    public bool IsReached(AnswerCounts counts)
    {
        using var reader = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        reader.ReadLine();
        double[] first = [.. reader.ReadLine()!.Split(',').Select(c => double.Parse(c, CultureInfo.InvariantCulture))];
        return counts.PassAt(1) - first[1] >= rule.Gain && first[2] - counts.PassAt(counts.Answers) >= rule.Narrowing;
    }
}
