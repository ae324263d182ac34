namespace ActivationReplay.Replay.Methods;

/// <summary>The check of layers that methods make in <see cref="IReplayMethod.Check"/>.</summary>
public static class LayerCheck
{
    /// <summary>Refuses a layer that a model does not have.</summary>
    /// <param name="layer">The layer that is asked for, from 0.</param>
    /// <param name="modelLayers">L, the number of the model's decoder layers.</param>
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
