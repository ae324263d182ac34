namespace ActivationReplay.Replay.Methods;

internal static class LayerCheck
{
    /// <exception cref="ArgumentOutOfRangeException">The model lacks the layer.</exception>
    public static void Ensure(int layer, int modelLayers)
    {
        if (layer >= modelLayers)
        {
            throw new ArgumentOutOfRangeException(
                nameof(layer), layer, $"Layer {layer} is asked for; this model has layers 0 to {modelLayers - 1}.");
        }
    }
}
