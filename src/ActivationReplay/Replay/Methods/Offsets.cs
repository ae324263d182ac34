using ActivationReplay.Inputs;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Methods;

internal static class Offsets
{
    /// <summary>The intervention that adds offsets [N, D] to the visual tokens at a layer's input. It owns a tensor of its own.</summary>
    public static Intervention AddedAt(int layer, ModelInputs inputs, Tensor offsets) =>
        new([new StateEdit(layer, EditKind.Add, inputs.VisualPositions, offsets.alias().DetachFromDisposeScope())]);
}
