using System.Numerics.Tensors;
using ActivationReplay.Kernels;
using ActivationReplay.Models;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace ActivationReplay.Decoding;

/// <summary>
/// Attention of the newest token of each of B rows to its prompt and its earlier tokens, on the CPU in fp32; one instance serves
/// all layers in turn. The work is split into items, one key head of some rows of one prompt each, which read the prompt's keys and
/// values together. Its twin <see cref="Attention.Attend"/> computes the same by libtorch, where a token costs more in calls than in
/// arithmetic.
/// </summary>
internal sealed unsafe class TokenAttention
{
    // Enough that a key of the prompt that is read is used often.
    private const int MostRows = 16;

    private readonly int size;
    private readonly int group;
    private readonly int kvHeads;
    private readonly SharedPrompts cache;
    private readonly List<(int First, int Count)> parts = []; // of the rows, each of one prompt
    private readonly HostRows cos;
    private readonly HostRows sin;
    private readonly HostRows queries;
    private readonly HostRows keys;
    private readonly HostRows values;
    private readonly HostRows output;
    private int layer;

    /// <param name="module">The attention of any layer, for the number and size of its heads.</param>
    /// <param name="rotary">The rotary table of the tokens' positions, [B, 1, 1, d].</param>
    /// <param name="cache">The KV cache, to which the tokens' keys and values are written.</param>
    public TokenAttention(Attention module, Rotary rotary, SharedPrompts cache)
    {
        this.cache = cache;
        var rows = cache.Rows;
        (size, kvHeads, group) = ((int)module.HeadSize, (int)module.KvHeads, (int)(module.Heads / module.KvHeads));
        (Queries, Output) = (empty(rows, module.Heads * size), empty(rows, module.Heads * size));
        (Keys, Values) = (empty(rows, module.KvHeads * size), empty(rows, module.KvHeads * size));
        (cos, sin) = (new HostRows(rotary.Cos), new HostRows(rotary.Sin));
        (queries, output) = (new HostRows(Queries, size), new HostRows(Output, size));
        (keys, values) = (new HostRows(Keys, size), new HostRows(Values, size));
        var most = Math.Clamp(rows * kvHeads / get_num_threads(), 1, MostRows);
        for (var (first, row) = (0, 1); row <= rows; row++)
        {
            if (row == rows || row - first == most || cache[row].Prompt != cache[first].Prompt)
            {
                parts.Add((first, row - first));
                first = row;
            }
        }
    }

    /// <summary>The projected queries before rotation, [B, H·d]; the caller fills them before <see cref="Run"/>.</summary>
    public Tensor Queries { get; }

    /// <summary>The projected keys before rotation, [B, Hkv·d]; the caller fills them before <see cref="Run"/>.</summary>
    public Tensor Keys { get; }

    /// <summary>The projected values, [B, Hkv·d]; the caller fills them before <see cref="Run"/>.</summary>
    public Tensor Values { get; }

    /// <summary>The number of work items.</summary>
    public int Items => parts.Count * kvHeads;

    /// <summary>softmax(q kᵀ / √d) v, [B, H·d]; complete when all items have run.</summary>
    public Tensor Output { get; }

    /// <summary>Selects the layer whose cache is read and written by the next <see cref="Run"/>.</summary>
    public void Enter(int layer) => this.layer = layer;

    /// <summary>
    /// For items <paramref name="first"/> to <paramref name="end"/> − 1: caches keys and values, and attends from all query heads of
    /// the group.
    /// </summary>
    public void Run(int first, int end)
    {
        for (var item = first; item < end; item++)
        {
            var (start, count) = parts[item / kvHeads];
            Attend(start, count, item % kvHeads);
        }
    }

    private void Attend(int first, int count, int head)
    {
        var (prompt, own) = (cache.Of(cache[first].Prompt, layer), cache.Own(layer));
        var (before, now) = (cache.LengthOf(cache[first].Prompt), cache.Length + 1);
        var length = before + now;
        using var rotated = new HostBuffer(count * group * size);
        using var scores = new HostBuffer(count * group * length);
        for (var i = 0; i < count; i++)
        {
            var item = ((first + i) * kvHeads) + head;
            var newest = Own(first + i, head) + now - 1;
            Rotate(first + i, keys.At(item), own.Keys.At(newest));
            values[item].CopyTo(own.Values[newest]);
            for (var g = 0; g < group; g++)
            {
                Rotate(first + i, queries.At((item * group) + g), rotated.At(((i * group) + g) * size));
            }
        }

        var all = rotated.Span(0, count * group * size);
        TensorPrimitives.Divide(all, MathF.Sqrt(size), all);
        var byPrompt = new ThinProduct(prompt.Keys.At((long)head * before), scores.At(0), size, before, length);
        byPrompt.Write(rotated.At(0), count * group, 0, byPrompt.Parts);
        for (var i = 0; i < count; i++)
        {
            var (row, at) = (i * group, Own(first + i, head));
            var byOwn = new ThinProduct(own.Keys.At(at), scores.At((row * length) + before), size, now, length);
            byOwn.Write(rotated.At(row * size), group, 0, byOwn.Parts);
            for (var g = 0; g < group; g++)
            {
                HostSoftmax.Forward(scores.Span((row + g) * length, length));
            }

            var result = output.At((((first + i) * kvHeads) + head) * group);
            new Span<float>(result, group * size).Clear();
            WeightedSums.Add(scores.At(row * length), length, group, prompt.Values.At((long)head * before), before, size, result);
            WeightedSums.Add(scores.At((row * length) + before), length, group, own.Values.At(at), now, size, result);
        }
    }

    // The first of a row's own tokens in the cache.
    private long Own(int row, int head) => (((long)cache[row].Slot * kvHeads) + head) * cache.Room;

    private void Rotate(int row, float* x, float* y)
    {
        var half = size / 2;
        float* c = cos.At(row), s = sin.At(row);
        HostRotary.Rotate(x, c, x + half, s, y, half);
        HostRotary.Rotate(x + half, c + half, x, s + half, y + half, half);
    }
}
