using static TorchSharp.torch;

namespace ActivationReplay.Replay.Objective;

/// <summary>
/// A <see cref="ReplayObjective"/> of the variants that still take steps: where half of those in it have ended, it is made anew of the
/// others, for little more than one evaluation.
/// </summary>
/// <param name="prompts">The prompts with the targets of all their variants.</param>
/// <param name="entry">The layer to whose input the offsets are added.</param>
/// <param name="grids">The grid of each variant of the first prompt, then of the second, and so on.</param>
internal sealed class RunningObjective(IReadOnlyList<PromptObjective> prompts, int entry, IReadOnlyList<LearnableGrid> grids) : IDisposable
{
    private ReplayObjective objective = new(prompts, entry);
    private int[] inside = [.. Enumerable.Range(0, grids.Count)]; // the variants that the objective has

    /// <summary>Leaves out variants that have ended, if they are many. New tensors belong to the caller's dispose scope.</summary>
    /// <param name="running">Which variants take the next step.</param>
    public void Narrow(IReadOnlyList<bool> running)
    {
        int[] left = [.. inside.Where(v => running[v])];
        if (left.Length == 0 || 2 * left.Length > inside.Length)
        {
            return;
        }

        var first = 0;
        var narrowed = new List<PromptObjective>();
        foreach (var prompt in prompts)
        {
            var start = first;
            VariantObjective[] own = [.. prompt.Variants.Where((_, i) => left.Contains(start + i))];
            first += prompt.Variants.Count;
            if (own.Length > 0)
            {
                narrowed.Add(prompt with { Variants = own });
            }
        }

        objective.Dispose();
        (objective, inside) = (new ReplayObjective(narrowed, entry), left);
    }

    /// <summary>The losses of all variants, [C], and their gradients; those of variants that have ended are 0.</summary>
    /// <param name="tokens">The learnable tokens of all variants, [count, D] fp32 with requires_grad set.</param>
    public (Tensor Losses, IReadOnlyList<Tensor> Gradients) Evaluate(IReadOnlyList<Tensor> tokens)
    {
        var (losses, gradients) = objective.Evaluate([.. inside.Select(v => tokens[v])], [.. inside.Select(v => grids[v])]);
        if (inside.Length == tokens.Count)
        {
            return (losses, gradients);
        }

        using var quiet = no_grad();
        var all = zeros([tokens.Count], losses.dtype, losses.device).index_copy_(0, tensor([.. inside.Select(v => (long)v)], ScalarType.Int64, losses.device), losses);
        Tensor[] own = [.. tokens.Select(t => zeros_like(t))];
        foreach (var (variant, gradient) in inside.Zip(gradients))
        {
            own[variant] = gradient;
        }

        return (all, own);
    }

    /// <inheritdoc/>
    public void Dispose() => objective.Dispose();
}
