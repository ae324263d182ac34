using ActivationReplay.Inputs;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>Passes over whole prompts.</summary>
public static class ForwardPass
{
    /// <summary>
    /// States entering layers 0..<paramref name="count"/>-1 of a prompt, [count, T, D]; the last of L+1 leaves the last
    /// layer, before the final norm.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="embedded">h⁰ [1, T, D] from <see cref="QwenVlModel.Embed"/>.</param>
    /// <param name="inputs">The prompt.</param>
    /// <param name="intervention">Applied to the states entering each layer.</param>
    /// <param name="count">1 to L+1; null is L+1. Layers beyond are not computed.</param>
    public static Tensor HiddenStates(
        QwenVlModel model, Tensor embedded, ModelInputs inputs, Intervention? intervention = null, int? count = null)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var states = new List<Tensor>();
        Run(model, embedded, model.RotaryOf(inputs), CausalContext.Instance, intervention, count ?? model.Layers + 1, states.Add);
        return cat(states, 0).MoveToOuterDisposeScope();
    }

    /// <summary>Logits [T, V] of every position of a prompt, with gradients to the weights where those are trainable.</summary>
    public static Tensor Logits(QwenVlModel model, Tensor embedded, ModelInputs inputs)
    {
        using var scope = NewDisposeScope();
        var last = Run(model, embedded, model.RotaryOf(inputs), CausalContext.Instance, null, model.Layers + 1);
        return model.Unembed(last).squeeze(0).MoveToOuterDisposeScope();
    }

    /// <summary>Runs layers until <paramref name="count"/> states are there; gives the last of them.</summary>
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
