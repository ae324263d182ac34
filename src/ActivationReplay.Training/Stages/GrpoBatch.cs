using ActivationReplay.Training.Data;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Stages;

/// <summary>Rollouts with their advantages, as the update takes them.</summary>
internal sealed class GrpoBatch : IDisposable
{
    private GrpoBatch(TrainingBatch batch, IReadOnlyList<double> advantages) => (Batch, Advantages) = (batch, advantages);

    /// <summary>A row an answer, group after group.</summary>
    public TrainingBatch Batch { get; }

    /// <summary>Advantage of each row.</summary>
    public IReadOnlyList<double> Advantages { get; }

    /// <summary>
    /// Takes the groups whose rewards differ: where all answers are right, or none, no answer is better than another.
    /// </summary>
    /// <returns>Null where no group's rewards differ.</returns>
    public static GrpoBatch? Create(IReadOnlyList<RolloutGroup> groups, PicturePrefix prefix)
    {
        using var scope = NewDisposeScope();
        var rows = new List<TrainingRow>();
        var advantages = new List<double>();
        var features = new List<Tensor>();
        foreach (var group in groups.Where(g => g.Rewards.Distinct().Skip(1).Any()))
        {
            rows.AddRange(group.Rows.Select(row => row with { Picture = features.Count }));
            advantages.AddRange(Normalise(group.Rewards));
            features.Add(group.Features!);
        }

        return rows.Count == 0 ? null : new GrpoBatch(new TrainingBatch(prefix, stack(features, 0).DetachFromDisposeScope(), rows), advantages);
    }

    /// <summary>(r − mean) / deviation of a group's rewards.</summary>
    public static IEnumerable<double> Normalise(IReadOnlyList<double> rewards)
    {
        var mean = rewards.Average();
        var deviation = Math.Sqrt(rewards.Average(r => (r - mean) * (r - mean)));
        return rewards.Select(r => (r - mean) / (deviation + 1e-6));
    }

    /// <inheritdoc/>
    public void Dispose() => Batch.Features.Dispose();
}
