using ActivationReplay.Inputs;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>Forward passes over whole prompts.</summary>
public static class ForwardPass
{
    /// <summary>
    /// The hidden states entering layers 0 to <paramref name="count"/> − 1, [count, T, D]. Of L+1 states the last one leaves the
    /// last layer, before the final norm.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="embedded">h⁰ [1, T, D] from <see cref="QwenVlModel.Embed"/>.</param>
    /// <param name="inputs">The prompt, for its rotary positions.</param>
    /// <param name="intervention">Edits of the states entering layers; null is none.</param>
    /// <param name="count">The number of states, 1 to L+1; null is L+1. No further layer is computed.</param>
    public static Tensor HiddenStates(
        QwenVlModel model, Tensor embedded, ModelInputs inputs, Intervention? intervention = null, int? count = null)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var states = new List<Tensor>();
        Run(model, embedded, model.RotaryOf(inputs), CausalContext.Instance, intervention, count ?? model.Layers + 1, states.Add);
        return cat(states, 0).MoveToOuterDisposeScope();
    }

    /// <summary>The logits of every position of a prompt, [T, V], differentiable in the weights if those are trainable.</summary>
    public static Tensor Logits(QwenVlModel model, Tensor embedded, ModelInputs inputs)
    {
        using var scope = NewDisposeScope();
        var last = Run(model, embedded, model.RotaryOf(inputs), CausalContext.Instance, null, model.Layers + 1);
        return model.Unembed(last).squeeze(0).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Runs layers until there are <paramref name="count"/> states, the embeddings included; returns the last of them.
    /// </summary>
    internal static Tensor Run(
        QwenVlModel model,
        Tensor hidden,
        Rotary rotary,
        AttentionContext context,
        Intervention? intervention,
        int count,
        Action<Tensor>? observe = null)
    {
        for (var layer = 0; ; layer++)
        {
            hidden = intervention?.Apply(layer, hidden) ?? hidden;
            observe?.Invoke(hidden);
            if (layer == count - 1)
            {
                return hidden;
            }

            hidden = model.RunLayer(layer, hidden, rotary, context);
        }
    }
}
