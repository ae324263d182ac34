using ActivationReplay.Kernels;
using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Decoding;

/// <summary>
/// All layers over one new token of each of B sequences, on the CPU in fp32. Norms, rotation, softmax and activation of a token
/// are a few thousand numbers a layer, less than the overhead of a libtorch call. So each thread computes what it needs of them
/// for its part of the matrix products, and the threads synchronise five times a layer.
/// </summary>
internal sealed unsafe class TokenPass
{
    private readonly Tensor states; // [B, D]
    private readonly Tensor gate; // [B, I]
    private readonly Tensor up; // [B, I]
    private readonly TokenAttention attention;
    private readonly int rows;

    private TokenPass(DecoderLayer layer, Tensor embedded, Rotary rotary, SharedPrompts cache)
    {
        states = embedded.squeeze(1).clone();
        rows = (int)embedded.shape[0];
        (gate, up) = (empty(rows, layer.FeedForward.Gate.Weight.shape[0]), empty(rows, layer.FeedForward.Gate.Weight.shape[0]));
        attention = new TokenAttention(layer.Attention, rotary, cache);
    }

    /// <summary>
    /// Computes the states leaving the last layer, [B, 1, D], and appends the tokens' keys and values to the cache.
    /// </summary>
    /// <param name="layers">The decoder layers, from the first.</param>
    /// <param name="embedded">The tokens' embeddings, [B, 1, D].</param>
    /// <param name="rotary">The rotary table of the tokens' positions, [B, 1, 1, d].</param>
    /// <param name="cache">The KV cache of the B sequences.</param>
    public static Tensor Run(IReadOnlyList<DecoderLayer> layers, Tensor embedded, Rotary rotary, SharedPrompts cache)
    {
        using var scope = NewDisposeScope();
        var pass = new TokenPass(layers[0], embedded, rotary, cache);
        foreach (var (index, layer) in layers.Index())
        {
            pass.attention.Enter(index);
            pass.Attend(layer.AttentionNorm, layer.Attention);
            pass.FeedForward(layer.FeedForwardNorm, layer.FeedForward);
        }

        return pass.states.unsqueeze(1).MoveToOuterDisposeScope();
    }

    private void Attend(RmsNorm norm, Attention module)
    {
        var (query, key, value) = (module.Query.Thin(attention.Queries), module.Key.Thin(attention.Keys), module.Value.Thin(attention.Values));
        var (x, weight) = (new HostRows(states), new HostRows(norm.Weight));
        // The parts of the three products are numbered one after the other.
        ComputeThreads.Split(query.Parts + key.Parts + value.Parts, (first, end) =>
        {
            using var normalised = Normalised(norm, weight, x);
            foreach (var product in (ReadOnlySpan<ThinProduct>)[query, key, value])
            {
                product.Write(normalised.At(0), rows, Math.Clamp(first, 0, product.Parts), Math.Clamp(end, 0, product.Parts));
                (first, end) = (first - product.Parts, end - product.Parts);
            }
        });
        ComputeThreads.Split(attention.Items, attention.Run);
        AddProduct(module.Output, attention.Output);
    }

    private void FeedForward(RmsNorm norm, FeedForward module)
    {
        var (gates, ups, z, u) = (module.Gate.Thin(gate), module.Up.Thin(up), new HostRows(gate), new HostRows(up));
        var (x, weight) = (new HostRows(states), new HostRows(norm.Weight));
        ComputeThreads.Split(gates.Parts, (first, end) =>
        {
            using var normalised = Normalised(norm, weight, x);
            gates.Write(normalised.At(0), rows, first, end);
            ups.Write(normalised.At(0), rows, first, end);
            var (column, count) = gates.ColumnsOf(first, end);
            for (var row = 0; row < rows; row++)
            {
                HostSwiGlu.Forward(z[row].Slice(column, count), u[row].Slice(column, count));
            }
        });
        AddProduct(module.Down, up);
    }

    private void AddProduct(Linear module, Tensor x)
    {
        var (product, input) = (module.Thin(states, adds: true), new HostRows(x));
        ComputeThreads.Split(product.Parts, (first, end) => product.Write(input.At(0), rows, first, end));
    }

    // Each thread normalises for itself, which costs less than a synchronisation.
    private HostBuffer Normalised(RmsNorm norm, HostRows weight, HostRows x)
    {
        var width = weight[0].Length;
        var result = new HostBuffer(rows * width);
        for (var row = 0; row < rows; row++)
        {
            HostNorm.Forward(x[row], weight[0], norm.Epsilon, result.Span(row * width, width));
        }

        return result;
    }
}
