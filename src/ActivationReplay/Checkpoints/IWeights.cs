using static TorchSharp.torch;

namespace ActivationReplay.Checkpoints;

/// <summary>Where a model's constructor takes its weights from.</summary>
public interface IWeights
{
    /// <summary>The weight of a key, which must have the shape that the model needs.</summary>
    /// <param name="key">A key of the Hugging Face hub, such as <c>model.layers.0.self_attn.q_proj.weight</c>.</param>
    /// <param name="shape">The sizes that it must have.</param>
    /// <returns>The weight. The source owns it: the same key gives the same tensor, and it lives as long as the source.</returns>
    /// <exception cref="CheckpointException">There is no such weight, or it has another shape or no usable type.</exception>
    Tensor Get(string key, params ReadOnlySpan<long> shape);
}
