using ActivationReplay.Checkpoints;
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

    /// <summary>Attends from <paramref name="x"/> [B, T, D] to what <paramref name="context"/> holds and to itself.</summary>
    public Tensor Forward(Tensor x, Rotary rotary, AttentionContext context)
    {
        var (batch, length) = (x.shape[0], x.shape[1]);
        var q = rotary.Rotate(q_proj.Forward(x).view(batch, length, heads, headSize).transpose(1, 2));
        var (k, v) = context.Extend(layer, Keys(x, rotary), Values(x));
        var mixed = Attend(q, k, v, context);
        return o_proj.Forward(mixed.transpose(1, 2).reshape(batch, length, heads * headSize));
    }

    /// <summary>Keys and values alone, where nothing is to attend from these positions.</summary>
    public void Remember(Tensor x, Rotary rotary, AttentionContext context) =>
        context.Extend(layer, Keys(x, rotary), Values(x));

    private Tensor Keys(Tensor x, Rotary rotary) =>
        rotary.Rotate(k_proj.Forward(x).view(x.shape[0], x.shape[1], kvHeads, headSize).transpose(1, 2)); // [B, Hkv, T, d]

    private Tensor Values(Tensor x) =>
        v_proj.Forward(x).view(x.shape[0], x.shape[1], kvHeads, headSize).transpose(1, 2); // [B, Hkv, T, d]

    private Tensor Attend(Tensor q, Tensor k, Tensor v, AttentionContext context)
    {
        var group = heads / kvHeads;
        if (q.shape[2] == 1)
        {
            // One query a head: the heads of a group become the queries of their shared key head, nothing is copied.
            var folded = q.reshape(q.shape[0], kvHeads, group, headSize);
            var one = nn.functional.scaled_dot_product_attention(folded, k, v, context.Mask);
            return one.reshape(q.shape);
        }

        return nn.functional.scaled_dot_product_attention(
            q, Repeat(k, group), Repeat(v, group), context.Mask, is_casual: context.IsCausal);
    }

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
