using System.Numerics.Tensors;
using ActivationReplay.Kernels;
using ActivationReplay.Models;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace ActivationReplay.Decoding;

/// <summary>
/// Attention of the newest token of each of B sequences to its KV cache, on the CPU in fp32; one instance serves all layers in
/// turn. The work is split into items, one key head of one sequence each. Its twin <see cref="Attention.Attend"/> computes the
/// same by libtorch, where a token costs more in calls than in arithmetic.
/// </summary>
internal sealed unsafe class TokenAttention
{
    private readonly int size;
    private readonly int group;
    private readonly int kvHeads;
    private readonly KeyValueCache cache;
    private readonly HostRows cos;
    private readonly HostRows sin;
    private readonly HostRows queries;
    private readonly HostRows keys;
    private readonly HostRows values;
    private readonly HostRows output;
    private HostRows cachedKeys;
    private HostRows cachedValues;

    /// <param name="module">The attention of any layer, for the number and size of its heads.</param>
    /// <param name="rotary">The rotary table of the tokens' positions, [B, 1, 1, d].</param>
    /// <param name="cache">The KV cache, to which the tokens' keys and values are written.</param>
    public TokenAttention(Attention module, Rotary rotary, KeyValueCache cache)
    {
        this.cache = cache;
        var rows = cache.Batch;
        (size, kvHeads, group) = ((int)module.HeadSize, (int)module.KvHeads, (int)(module.Heads / module.KvHeads));
        (Queries, Output) = (empty(rows, module.Heads * size), empty(rows, module.Heads * size));
        (Keys, Values) = (empty(rows, module.KvHeads * size), empty(rows, module.KvHeads * size));
        (cos, sin) = (new HostRows(rotary.Cos), new HostRows(rotary.Sin));
        (queries, output) = (new HostRows(Queries, size), new HostRows(Output, size));
        (keys, values) = (new HostRows(Keys, size), new HostRows(Values, size));
    }

    /// <summary>The projected queries before rotation, [B, H·d]; the caller fills them before <see cref="Run"/>.</summary>
    public Tensor Queries { get; }

    /// <summary>The projected keys before rotation, [B, Hkv·d]; the caller fills them before <see cref="Run"/>.</summary>
    public Tensor Keys { get; }

    /// <summary>The projected values, [B, Hkv·d]; the caller fills them before <see cref="Run"/>.</summary>
    public Tensor Values { get; }

    /// <summary>The number of work items, B · Hkv.</summary>
    public int Items => (int)cache.Batch * kvHeads;

    /// <summary>softmax(q kᵀ / √d) v, [B, H·d]; complete when all items have run.</summary>
    public Tensor Output { get; }

    /// <summary>Selects the layer whose cache is read and written by the next <see cref="Run"/>.</summary>
    public void Enter(int layer) =>
        (cachedKeys, cachedValues) = (new HostRows(cache.Storage(layer).Keys, size), new HostRows(cache.Storage(layer).Values, size));

    /// <summary>
    /// For items <paramref name="first"/> to <paramref name="end"/> − 1: caches key and value, and attends from all query heads of
    /// the group.
    /// </summary>
    public void Run(int first, int end)
    {
        var rotated = stackalloc float[group * size];
        var (length, weights) = ((int)cache.Length + 1, new float[group * (cache.Length + 1)]);
        fixed (float* scores = weights)
        {
            for (var item = first; item < end; item++)
            {
                var (row, start) = (item / kvHeads, item * cache.Capacity); // the item's first row in the cache
                Rotate(row, keys.At(item), cachedKeys.At(start + length - 1));
                values[item].CopyTo(cachedValues[start + length - 1]);
                for (var g = 0; g < group; g++)
                {
                    Rotate(row, queries.At((item * group) + g), rotated + (g * size));
                    var query = new Span<float>(rotated + (g * size), size);
                    TensorPrimitives.Divide(query, MathF.Sqrt(size), query);
                }

                var visible = (int)cache.FirstOf(row);
                var product = new ThinProduct(cachedKeys.At(start), scores, size, length);
                product.Write(rotated, group, 0, product.Parts);
                for (var g = 0; g < group; g++)
                {
                    WeightedSum(weights.AsSpan(g * length, length)[visible..], start + visible, output[(item * group) + g]);
                }
            }
        }
    }

    // Σ softmax(scores)ᵢ · value at row start + i of the cache.
    private void WeightedSum(Span<float> scores, long start, Span<float> result)
    {
        HostSoftmax.Forward(scores);
        result.Clear();
        for (var i = 0; i < scores.Length; i++)
        {
            TensorPrimitives.MultiplyAdd(cachedValues[start + i], scores[i], result, result);
        }
    }

    private void Rotate(int row, float* x, float* y)
    {
        var half = size / 2;
        float* c = cos.At(row), s = sin.At(row);
        HostRotary.Rotate(x, c, x + half, s, y, half);
        HostRotary.Rotate(x + half, c + half, x, s + half, y + half, half);
    }
}
