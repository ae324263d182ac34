using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Decoding;

/// <summary>One new token of each of several sequences, through all layers of a model, without gradients.</summary>
internal static class NextToken
{
    /// <summary>States leaving the last layer, [B, 1, D]; the cache takes the tokens' keys and values.</summary>
    /// <param name="model">The model.</param>
    /// <param name="embedded">[B, 1, D].</param>
    /// <param name="table">Rotary table of the tokens' positions, [B, 1, 1, d].</param>
    /// <param name="cache">Of B rows.</param>
    public static Tensor Run(QwenVlModel model, Tensor embedded, Rotary table, KeyValueCache cache)
    {
        if (embedded.shape[0] > model.Backend.ThinRows)
        {
            return ForwardPass.Run(model, embedded, table, cache, null, model.Layers + 1);
        }

        model.CountPositions(model.Layers * embedded.shape[0]);
        return TokenPass.Run(model.DecoderLayers, embedded, table, cache);
    }
}
