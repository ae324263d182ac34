using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>
/// Grouped-query attention by libtorch's fused kernel, for any device and type. Its twin <see cref="BlockedAttention"/> is for
/// CPUs in fp32, where the fused kernel also computes the products that the causal mask discards.
/// </summary>
internal static class FusedAttention
{
    /// <summary>See <see cref="Backend.CausalAttention"/>.</summary>
    public static Tensor Causal(Tensor q, Tensor k, Tensor v)
    {
        var (length, keys) = (q.shape[1], k.shape[2]);
        return length == keys
            ? Attend(q, k, v, mask: null, isCausal: true)
            : Attend(q, k, v, CausalMask(length, keys, q.dtype, q.device), isCausal: false);
    }

    /// <summary>softmax(q kᵀ / √d + mask) v, [B, T, H·d].</summary>
    /// <param name="q">The rotated queries, [B, T, H, d].</param>
    /// <param name="k">The rotated keys, [B, Hkv, S, d].</param>
    /// <param name="v">The values, [B, Hkv, S, d].</param>
    /// <param name="mask">Additive or boolean, broadcastable to [B, H, T, S].</param>
    public static Tensor Masked(Tensor q, Tensor k, Tensor v, Tensor mask) => Attend(q, k, v, mask, isCausal: false);

    /// <summary>softmax(q kᵀ / √d + mask) v, [B, T, H, d], where keys and values have as many heads as queries.</summary>
    /// <param name="q">The rotated queries, [B, T, H, d].</param>
    /// <param name="k">The rotated keys, [B, S, H, d].</param>
    /// <param name="v">The values, [B, S, H, d].</param>
    /// <param name="mask">Additive, broadcastable to [B, H, T, S]; null is causal attention of equal positions.</param>
    public static Tensor OfEqualHeads(Tensor q, Tensor k, Tensor v, Tensor? mask) => nn.functional.scaled_dot_product_attention(
        q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2), mask, is_casual: mask is null).transpose(1, 2).contiguous();

    /// <summary>An additive causal mask, [T, S], 0 or −∞: the T queries are the last of the S positions.</summary>
    public static Tensor CausalMask(long queries, long keys, ScalarType type, Device device) =>
        Room(queries, keys, type, device).fill_(Scalars.Hidden).triu_(keys - queries + 1);

    /// <summary>An additive mask, [n, keys]: query i attends to the keys up to <paramref name="last"/> i, int64 [n].</summary>
    public static Tensor MaskUpTo(Tensor last, long keys, ScalarType type) =>
        Hiding(Scalars.UpTo(keys, last.device).unsqueeze(0).gt(last.unsqueeze(1)), type);

    /// <summary>An additive mask, [n, keys]: query i attends to the keys from <paramref name="first"/> i on, int64 [n].</summary>
    public static Tensor MaskFrom(Tensor first, long keys, ScalarType type) =>
        Hiding(Scalars.UpTo(keys, first.device).unsqueeze(0).lt(first.unsqueeze(1)), type);

    private static Tensor Hiding(Tensor unseen, ScalarType type) =>
        Room(unseen.shape[0], unseen.shape[1], type, unseen.device).zero_().masked_fill_(unseen, Scalars.Hidden);

    // Rows that begin at multiples of 8 elements: GPU kernels take such a mask as it is, and copy others at every call.
    private static Tensor Room(long rows, long keys, ScalarType type, Device device) =>
        empty([rows, (keys + 7) / 8 * 8], type, device).narrow(1, 0, keys);

    private static Tensor Attend(Tensor q, Tensor k, Tensor v, Tensor? mask, bool isCausal)
    {
        var group = q.shape[2] / k.shape[1];
        var mixed = nn.functional.scaled_dot_product_attention(
            q.transpose(1, 2), Repeat(k, group), Repeat(v, group), mask, is_casual: isCausal);
        return mixed.transpose(1, 2).reshape(q.shape[0], q.shape[1], -1);
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
