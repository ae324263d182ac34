using ActivationReplay.Checkpoints;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>Grouped-query self-attention with rotary position embedding: H query heads share Hkv key and value heads.</summary>
internal sealed class Attention : nn.Module
{
    private readonly Linear q_proj;
    private readonly Linear k_proj;
    private readonly Linear v_proj;
    private readonly Linear o_proj;
    private readonly int layer;
    private readonly long heads;
    private readonly long kvHeads;
    private readonly long headSize;

    public Attention(IWeights weights, string key, TextConfig config, int layer)
        : base(nameof(Attention))
    {
        this.layer = layer;
        heads = config.Heads;
        kvHeads = config.KvHeads;
        headSize = config.HeadSize;
        q_proj = new Linear(weights, $"{key}.q_proj", config.HiddenSize, heads * headSize, hasBias: true);
        k_proj = new Linear(weights, $"{key}.k_proj", config.HiddenSize, kvHeads * headSize, hasBias: true);
        v_proj = new Linear(weights, $"{key}.v_proj", config.HiddenSize, kvHeads * headSize, hasBias: true);
        o_proj = new Linear(weights, $"{key}.o_proj", heads * headSize, config.HiddenSize, hasBias: false);
        RegisterComponents();
    }

    /// <summary>Queries, keys and values, one after the other, as one product; null where they are three.</summary>
    public JoinedLinear? Joined { get; private set; }

    /// <summary>Makes the three projections one product.</summary>
    public void Join() => Joined = new JoinedLinear(q_proj, k_proj, v_proj);

    public Linear Query => q_proj;

    public Linear Key => k_proj;

    public Linear Value => v_proj;

    public Linear Output => o_proj;

    /// <summary>The backend that computes attention; <see cref="QwenVlModel.Backend"/> sets it.</summary>
    public Backend Backend { get; set; } = Backend.Libtorch;

    public long Heads => heads;

    public long KvHeads => kvHeads;

    public long HeadSize => headSize;

    /// <summary>
    /// Attends from <paramref name="x"/> [B, T, D] to the keys of <paramref name="context"/> and its own; returns [B, T, D].
    /// </summary>
    public Tensor Forward(Tensor x, Rotary rotary, AttentionContext context)
    {
        if (Joined is null)
        {
            var (keys, values) = context.Extend(layer, Keys(x, rotary), Values(x));
            var q = rotary.Rotate(PerHead(q_proj.Forward(x), heads)); // [B, T, H, d]
            return o_proj.Forward(Attend(q, keys, values, context.Mask));
        }

        var all = PerHead(Joined.Forward(x), heads + (2 * kvHeads));
        rotary.RotateInPlace(all.narrow(2, 0, heads + kvHeads)); // queries and keys
        var (k, v) = context.Extend(
            layer, all.narrow(2, heads, kvHeads).transpose(1, 2), all.narrow(2, heads + kvHeads, kvHeads).transpose(1, 2));
        return o_proj.Forward(Attend(all.narrow(2, 0, heads), k, v, context.Mask));
    }

    /// <summary>
    /// Adds the keys and values of <paramref name="x"/> [B, T, D] to the context without attending from these positions.
    /// </summary>
    public void CacheKeysAndValues(Tensor x, Rotary rotary, AttentionContext context) =>
        context.Extend(layer, Keys(x, rotary), Values(x));

    private Tensor Keys(Tensor x, Rotary rotary) =>
        rotary.Rotate(PerHead(k_proj.Forward(x), kvHeads)).transpose(1, 2); // [B, Hkv, T, d]

    private Tensor Values(Tensor x) => PerHead(v_proj.Forward(x), kvHeads).transpose(1, 2); // [B, Hkv, T, d]

    private Tensor PerHead(Tensor x, long count) => x.view(x.shape[0], x.shape[1], count, headSize);

    /// <summary>softmax(q kᵀ / √d + mask) v, [B, T, H·d].</summary>
    /// <param name="q">The rotated queries, [B, T, H, d].</param>
    /// <param name="k">The rotated keys, [B, Hkv, S, d].</param>
    /// <param name="v">The values, [B, Hkv, S, d].</param>
    /// <param name="mask">
    /// Additive or boolean, broadcastable to [B, H, T, S]; null is causal attention of the last T of the S positions.
    /// </param>
    public Tensor Attend(Tensor q, Tensor k, Tensor v, Tensor? mask)
    {
        if (q.shape[1] == 1)
        {
            // With one query a head, the heads of a group are reshaped into queries of their key head, so that keys are not repeated.
            var folded = q.view(-1, kvHeads, heads / kvHeads, headSize);
            return nn.functional.scaled_dot_product_attention(folded, k, v, mask).view(-1, 1, heads * headSize);
        }

        return mask is null ? Backend.CausalAttention(q, k, v) : FusedAttention.Masked(q, k, v, mask);
    }
}
