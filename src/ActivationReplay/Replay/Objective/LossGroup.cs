using ActivationReplay.Lens;
using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Objective;

/// <summary>A loss over n positions of several layers and variants.</summary>
internal sealed class LossGroup
{
    private readonly KlLoss loss;
    private readonly Tensor weights; // [C, n]
    private readonly Tensor positionWeights; // [n]: each position belongs to one variant
    private readonly Tensor others; // [C, n], the positions of other variants

    private LossGroup(IReadOnlyList<(int Layer, Tensor States)> reads, KlLoss loss, Tensor weights)
    {
        (Reads, this.loss, this.weights) = (reads, loss, weights);
        (positionWeights, others) = (weights.sum([0]), weights.eq(Scalars.Zero));
    }

    /// <summary>The layers in order, each with the indices of the compared states among all of the batch.</summary>
    public IReadOnlyList<(int Layer, Tensor States)> Reads { get; }

    /// <summary>
    /// Combines targets of the same K and direction into one loss over all their positions, so that a step consists of few large
    /// operations. Targets over the whole vocabulary stay separate, to save memory.
    /// </summary>
    /// <param name="student">The model whose states are compared.</param>
    /// <param name="variants">The variants of all prompts.</param>
    /// <param name="placesOf">The places of a target's rows among the states of its layer, given the variant's index.</param>
    public static IEnumerable<LossGroup> Of(
        QwenVlModel student, IReadOnlyList<VariantObjective> variants, Func<int, LayerTarget, IEnumerable<long>> placesOf)
    {
        var parts = variants.Index()
            .SelectMany(v => v.Item.Targets.Select(t => (Variant: v.Index, v.Item.Direction, v.Item.LearnableTokens, Target: t)))
            .GroupBy(p => (p.Direction, Tokens: p.Target.Tokens.Ids.shape[1]));
        foreach (var part in parts)
        {
            var whole = part.Key.Tokens == student.Config.Text.VocabularySize;
            foreach (var group in whole ? part.Select(p => new[] { p }) : [part.OrderBy(p => p.Target.Layer).ToArray()])
            {
                var tokens = new TopTokens(
                    cat([.. group.Select(p => p.Target.Tokens.Ids)], 0), cat([.. group.Select(p => p.Target.Tokens.Probabilities)], 0));
                var weights = new float[variants.Count, tokens.Ids.shape[0]];
                var row = 0;
                foreach (var p in group)
                {
                    for (var i = 0; i < p.Target.Rows.Count; i++)
                    {
                        weights[p.Variant, row++] = 1f / p.Target.Rows.Count / p.LearnableTokens;
                    }
                }

                yield return new LossGroup(
                    [.. group.GroupBy(p => p.Target.Layer).Select(layer => (
                        layer.Key, tensor(layer.SelectMany(p => placesOf(p.Variant, p.Target)).ToArray(), ScalarType.Int64, student.Device)))],
                    new KlLoss(student, tokens, part.Key.Direction),
                    tensor(weights, device: student.Device));
            }
        }
    }

    /// <summary>The variants' losses, [C], and the gradient of their sum with respect to the states, [n, D].</summary>
    /// <param name="states">The states at <see cref="Reads"/>, [n, D].</param>
    public (Tensor Losses, Tensor Gradient) Evaluate(Tensor states)
    {
        var (values, gradient) = loss.Evaluate(states, positionWeights);
        // Each variant's sum is over values of its own: one that is not finite would make all of them so, 0 · NaN being NaN.
        var own = values.masked_fill(others, Scalars.Zero); // [C, n]
        return (weights.unsqueeze(1).bmm(own.unsqueeze(2)).flatten(), gradient);
    }
}
