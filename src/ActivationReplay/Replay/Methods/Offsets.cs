using ActivationReplay.Inputs;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Methods;

/// <summary>Makes interventions of offsets on the visual tokens.</summary>
public static class Offsets
{
    /// <summary>
    /// The intervention that adds offsets to the states of the visual tokens that enter a layer. It owns a tensor of its own,
    /// which shares memory with <paramref name="offsets"/> and outlives the dispose scope at hand.
    /// </summary>
    /// <param name="layer">The layer; 0 is the embeddings.</param>
    /// <param name="inputs">The prompt, whose visual positions are changed.</param>
    /// <param name="offsets">One row a visual position, [N, D].</param>
    public static Intervention AddedAt(int layer, ModelInputs inputs, Tensor offsets) =>
        new([new StateEdit(layer, EditKind.Add, inputs.VisualPositions, offsets.alias().DetachFromDisposeScope())]);
}
