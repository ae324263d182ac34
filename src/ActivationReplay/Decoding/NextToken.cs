using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Decoding;

/// <summary>A decoding step: one new token of each of B sequences through all layers of a model, without gradients.</summary>
internal static class NextToken
{
    /// <summary>
    /// Computes the states leaving the last layer, [B, 1, D], and appends the tokens' keys and values to the cache.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="embedded">The tokens' embeddings, [B, 1, D].</param>
    /// <param name="table">Rotary table of the tokens' positions, [B, 1, 1, d].</param>
    /// <param name="cache">The KV cache of the B sequences.</param>
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
