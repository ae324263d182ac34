using ActivationReplay.Checkpoints;
using ActivationReplay.Kernels;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>Grouped-query self-attention with rotary positions.</summary>
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

    public Linear Query => q_proj;

    public Linear Key => k_proj;

    public Linear Value => v_proj;

    public Linear Output => o_proj;

    public long Heads => heads;

    public long KvHeads => kvHeads;

    public long HeadSize => headSize;

    /// <summary>Attends from <paramref name="x"/> [B, T, D] to what <paramref name="context"/> holds and to itself.</summary>
    public Tensor Forward(Tensor x, Rotary rotary, AttentionContext context)
    {
        var (keys, values) = context.Extend(layer, Keys(x, rotary), Values(x));
        var q = rotary.Rotate(PerHead(q_proj.Forward(x), heads)); // [B, T, H, d]
        return o_proj.Forward(Attend(q, keys, values, context.Mask));
    }

    /// <summary>Keys and values alone, where nothing is to attend from these positions.</summary>
    public void Remember(Tensor x, Rotary rotary, AttentionContext context) =>
        context.Extend(layer, Keys(x, rotary), Values(x));

    private Tensor Keys(Tensor x, Rotary rotary) =>
        rotary.Rotate(PerHead(k_proj.Forward(x), kvHeads)).transpose(1, 2); // [B, Hkv, T, d]

    private Tensor Values(Tensor x) => PerHead(v_proj.Forward(x), kvHeads).transpose(1, 2); // [B, Hkv, T, d]

    private Tensor PerHead(Tensor x, long count) => x.view(x.shape[0], x.shape[1], count, headSize);

    /// <summary>softmax(q kᵀ / √d + mask) v, [B, T, H·d].</summary>
    /// <param name="q">Rotated, [B, T, H, d].</param>
    /// <param name="k">Rotated, [B, Hkv, S, d].</param>
    /// <param name="v">[B, Hkv, S, d].</param>
    /// <param name="mask">Null: the queries are the last of the keys' positions, and causal.</param>
    public Tensor Attend(Tensor q, Tensor k, Tensor v, Tensor? mask)
    {
        var (batch, length, keys) = (q.shape[0], q.shape[1], k.shape[2]);
        var group = heads / kvHeads;
        if (length == 1)
        {
            // One query a head: the heads of a group become the queries of their shared key head, nothing is copied.
            var folded = q.view(batch, kvHeads, group, headSize);
            return nn.functional.scaled_dot_product_attention(folded, k, v, mask).view(batch, 1, heads * headSize);
        }

        if (HostMemory.Holds(q) && mask is null)
        {
            return BlockedAttention.Causal(q, k, v);
        }

        var aligned = mask is null && keys == length;
        var mixed = nn.functional.scaled_dot_product_attention(
            q.transpose(1, 2), Repeat(k, group), Repeat(v, group), aligned ? null : mask ?? CausalMask(q, keys), is_casual: aligned);
        return mixed.transpose(1, 2).reshape(batch, length, heads * headSize);
    }

    // Additive [T, S]: the queries are the last of the keys' positions.
    private static Tensor CausalMask(Tensor q, long keys) =>
        full([q.shape[1], keys], double.NegativeInfinity, q.dtype, q.device).triu_(keys - q.shape[1] + 1);

    private static Tensor Repeat(Tensor x, long group)
    {
        if (group == 1)
        {
            return x;
        }

        var (b, h, s, d) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
        return x.unsqueeze(2).expand(b, h, group, s, d).reshape(b, h * group, s, d);
    }
}
