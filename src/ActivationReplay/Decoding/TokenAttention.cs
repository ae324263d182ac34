using System.Numerics.Tensors;
using ActivationReplay.Kernels;
using ActivationReplay.Models;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace ActivationReplay.Decoding;

/// <summary>
/// Attention from the newest token of each of several sequences, one layer after another, on the processor in fp32. An item is
/// one key head of one sequence.
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

    /// <param name="module">Of any layer: its sizes.</param>
    /// <param name="rotary">Table of the tokens' positions, [B, 1, 1, d].</param>
    /// <param name="cache">Takes the tokens' keys and values.</param>
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

    /// <summary>To be filled, not yet rotated, [B, H·d].</summary>
    public Tensor Queries { get; }

    /// <summary>To be filled, not yet rotated, [B, Hkv·d].</summary>
    public Tensor Keys { get; }

    /// <summary>To be filled, [B, Hkv·d].</summary>
    public Tensor Values { get; }

    /// <summary>The number of items.</summary>
    public int Items => (int)cache.Batch * kvHeads;

    /// <summary>softmax(q kᵀ / √d) v, [B, H·d], when all items have run.</summary>
    public Tensor Output { get; }

    /// <summary>Goes to a layer.</summary>
    public void Enter(int layer) =>
        (cachedKeys, cachedValues) = (new HostRows(cache.Storage(layer).Keys, size), new HostRows(cache.Storage(layer).Values, size));

    /// <summary>Stores the items' keys and values, and mixes the values for the queries that share them.</summary>
    public void Run(int first, int end)
    {
        var rotated = stackalloc float[group * size];
        var (length, weights) = ((int)cache.Length + 1, new float[group * (cache.Length + 1)]);
        fixed (float* scores = weights)
        {
            for (var item = first; item < end; item++)
            {
                var (row, start) = (item / kvHeads, item * cache.Capacity); // of the item's positions in the cache
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

    // The values from a start in the cache on, by the softmax of as many scores.
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
