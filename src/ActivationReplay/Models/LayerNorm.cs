using ActivationReplay.Checkpoints;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>Layer normalisation with weight and bias, as Qwen2-VL's vision tower has it.</summary>
internal sealed class LayerNorm : TensorModule
{
    private readonly Parameter weight;
    private readonly Parameter bias;
    private readonly double epsilon;

    public LayerNorm(IWeights weights, string key, long width, double epsilon)
        : base(nameof(LayerNorm))
    {
        weight = weights.Parameter($"{key}.weight", width);
        bias = weights.Parameter($"{key}.bias", width);
        this.epsilon = epsilon;
        RegisterComponents();
    }

    public override Tensor Forward(Tensor x) => nn.functional.layer_norm(x, [weight.shape[0]], weight, bias, epsilon);
}
