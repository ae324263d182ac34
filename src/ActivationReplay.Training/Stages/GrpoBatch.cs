using ActivationReplay.Training.Data;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Stages;

/// <summary>Rollouts with their advantages, as the update takes them.</summary>
internal sealed class GrpoBatch : IDisposable
{
    private GrpoBatch(Tensor features, IReadOnlyList<TrainingRow> rows, IReadOnlyList<double> advantages) =>
        (Features, Rows, Advantages) = (features, rows, advantages);

    /// <summary>Visual features of the groups' pictures, [P, N, D].</summary>
    public Tensor Features { get; }

    /// <summary>A row an answer, group after group.</summary>
    public IReadOnlyList<TrainingRow> Rows { get; }

    /// <summary>Advantage of each row.</summary>
    public IReadOnlyList<double> Advantages { get; }

    /// <summary>Answer tokens of all rows.</summary>
    public int Tokens => Rows.Sum(r => r.AnswerLength);

    /// <summary>
    /// Takes the groups whose rewards differ: where all answers are right, or none, no answer is better than another.
    /// </summary>
    /// <returns>Null where no group's rewards differ.</returns>
    public static GrpoBatch? Create(
        IReadOnlyList<SampledAnswers> groups, IReadOnlyList<string> questions, PromptFormat format)
    {
        using var scope = NewDisposeScope();
        var rows = new List<TrainingRow>();
        var advantages = new List<double>();
        var features = new List<Tensor>();
        foreach (var (group, question) in groups.Zip(questions).Where(g => g.First.Rewards.Distinct().Skip(1).Any()))
        {
            rows.AddRange(group.Answers.Select(a => format.Row(features.Count, question, a.Ids)));
            advantages.AddRange(Normalise(group.Rewards));
            features.Add(group.Features!);
        }

        return rows.Count == 0 ? null : new GrpoBatch(stack(features, 0).DetachFromDisposeScope(), rows, advantages);
    }

    /// <summary>(r − mean) / deviation of a group's rewards.</summary>
    public static IEnumerable<double> Normalise(IReadOnlyList<double> rewards)
    {
        var mean = rewards.Average();
        var deviation = Math.Sqrt(rewards.Average(r => (r - mean) * (r - mean)));
        return rewards.Select(r => (r - mean) / (deviation + 1e-6));
    }

    /// <inheritdoc/>
    public void Dispose() => Features.Dispose();
}
