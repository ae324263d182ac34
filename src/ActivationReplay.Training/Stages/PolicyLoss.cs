using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Stages;

/// <summary>
/// GRPO's loss: −mean over tokens of min(ρ A, clip(ρ, 1 ± ε) A), ρ the ratio of new to old probability, plus β times the
/// divergence from the base model, estimated a token as e^d − d − 1 with d = log p_base − log p (arXiv 2402.03300, eq. 3 and 4).
/// </summary>
/// <param name="batch">Rows and advantages.</param>
/// <param name="old">log p of each row's answer tokens when they were sampled; null takes the present ones (ρ = 1).</param>
/// <param name="reference">The same of the base model; null without divergence.</param>
/// <param name="settings">ε and β.</param>
internal sealed class PolicyLoss(
    GrpoBatch batch, IReadOnlyList<float[]>? old, IReadOnlyList<float[]>? reference, GrpoSettings settings)
{
    /// <summary>The part of the loss that rows <paramref name="indices"/> give, from their log p [Σ answer lengths].</summary>
    public Tensor Part(Tensor logs, IReadOnlyList<int> indices)
    {
        var advantage = tensor(indices
            .SelectMany(r => Enumerable.Repeat((float)batch.Advantages[r], batch.Batch.Rows[r].AnswerLength)).ToArray());
        var before = old is null ? logs.detach() : Concatenate(old, indices);
        var ratio = (logs - before).exp();
        var gain = minimum(ratio * advantage, ratio.clamp(Scalars.Of(1 - settings.ClipRatio), Scalars.Of(1 + settings.ClipRatio)) * advantage);
        var loss = gain.sum().neg();
        if (reference is not null)
        {
            var gap = Concatenate(reference, indices) - logs;
            loss = loss.Plus((gap.exp() - gap).Plus(-1).sum() * Scalars.Of(settings.Kl));
        }

        return loss / Scalars.Of(batch.Batch.Tokens);
    }

    private static Tensor Concatenate(IReadOnlyList<float[]> values, IReadOnlyList<int> indices) =>
        tensor(indices.SelectMany(r => values[r]).ToArray());
}
