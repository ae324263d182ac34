using ActivationReplay.Checkpoints;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>
/// The SwiGLU feed-forward block down(silu(gate(x)) ⊙ up(x)). Qwen's decoder has no biases in it, Qwen2.5-VL's vision tower has.
/// </summary>
internal sealed class FeedForward : TensorModule
{
    private readonly Linear gate_proj;
    private readonly Linear up_proj;
    private readonly Linear down_proj;

    public FeedForward(IWeights weights, string key, long width, long intermediate, bool hasBias)
        : base(nameof(FeedForward))
    {
        gate_proj = new Linear(weights, $"{key}.gate_proj", width, intermediate, hasBias);
        up_proj = new Linear(weights, $"{key}.up_proj", width, intermediate, hasBias);
        down_proj = new Linear(weights, $"{key}.down_proj", intermediate, width, hasBias);
        RegisterComponents();
    }

    /// <summary>Gate and up, one after the other, as one product; null where they are two.</summary>
    public JoinedLinear? Joined { get; private set; }

    /// <summary>Makes gate and up one product.</summary>
    public void Join() => Joined = new JoinedLinear(gate_proj, up_proj);

    public Linear Gate => gate_proj;

    public Linear Up => up_proj;

    public Linear Down => down_proj;

    public override Tensor Forward(Tensor x)
    {
        var (gate, up) = Halves(x);
        return down_proj.Forward(Gated(gate, up));
    }

    /// <summary>gate(x) and up(x), [..., I] each.</summary>
    internal (Tensor Gate, Tensor Up) Halves(Tensor x)
    {
        if (Joined is null)
        {
            return (gate_proj.Forward(x), up_proj.Forward(x));
        }

        var both = Joined.Forward(x);
        var width = both.shape[^1] / 2;
        return (both.narrow(-1, 0, width), both.narrow(-1, width, width));
    }

    /// <summary>silu(z) ⊙ u, with <paramref name="gate"/> z and <paramref name="up"/> u.</summary>
    internal static Tensor Gated(Tensor gate, Tensor up) => nn.functional.silu(gate).mul_(up);

    /// <summary>
    /// The gradients of <see cref="Gated"/> with respect to gate and up, given that of its result, which may be overwritten.
    /// </summary>
    internal static (Tensor Gate, Tensor Up) GatedBackward(Tensor gate, Tensor up, Tensor inner)
    {
        var atUp = nn.functional.silu(gate).mul_(inner);
        return (FusedOperations.SiluBackward(inner.mul_(up), gate), atUp);
    }
}

/// <summary>A pre-norm decoder layer: x + attention(norm(x)), then x + feed-forward(norm(x)).</summary>
internal sealed class DecoderLayer : nn.Module
{
    private readonly RmsNorm input_layernorm;
    private readonly Attention self_attn;
    private readonly RmsNorm post_attention_layernorm;
    private readonly FeedForward mlp;

    public DecoderLayer(IWeights weights, string key, TextConfig config, int layer)
        : base(nameof(DecoderLayer))
    {
        input_layernorm = new RmsNorm(weights, $"{key}.input_layernorm", config.HiddenSize, config.RmsNormEpsilon);
        self_attn = new Attention(weights, $"{key}.self_attn", config, layer);
        post_attention_layernorm =
            new RmsNorm(weights, $"{key}.post_attention_layernorm", config.HiddenSize, config.RmsNormEpsilon);
        mlp = new FeedForward(weights, $"{key}.mlp", config.HiddenSize, config.IntermediateSize, hasBias: false);
        RegisterComponents();
    }

    public RmsNorm AttentionNorm => input_layernorm;

    public Attention Attention => self_attn;

    public RmsNorm FeedForwardNorm => post_attention_layernorm;

    public FeedForward FeedForward => mlp;

    /// <summary>Makes one product of maps of the same input.</summary>
    public void Join()
    {
        self_attn.Join();
        mlp.Join();
    }

    /// <summary>The states leaving the layer, [B, T, D], given those entering it.</summary>
    public Tensor Forward(Tensor x, Rotary rotary, AttentionContext context)
    {
        var attended = x.Plus(self_attn.Forward(input_layernorm.Forward(x), rotary, context));
        return attended.Plus(mlp.Forward(post_attention_layernorm.Forward(attended)));
    }

    /// <summary>
    /// Adds this layer's keys and values of <paramref name="x"/> [B, T, D] to the context without computing its output.
    /// </summary>
    public void CacheKeysAndValues(Tensor x, Rotary rotary, AttentionContext context) =>
        self_attn.CacheKeysAndValues(input_layernorm.Forward(x), rotary, context);
}
