using ActivationReplay.Checkpoints;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>
/// The KV cache of a batch: keys and values of all layers, [B, Hkv, capacity, d] each, allocated once. Prompts of different
/// lengths are padded on the left, so that they end at the same position; <see cref="Mask"/> hides the padding.
/// </summary>
internal sealed class KeyValueCache : AttentionContext, IDisposable
{
    private readonly Tensor[] keys;
    private readonly Tensor[] values;
    private readonly long[] starts; // first position of each row after its padding
    private Tensor? startsThere; // the same on the device; null until it is used
    private Tensor? visible;
    private long pending;

    public KeyValueCache(TextConfig config, int layers, long batch, long capacity, ScalarType type, Device device)
    {
        long[] shape = [batch, config.KvHeads, capacity, config.HeadSize];
        keys = [.. Enumerable.Range(0, layers).Select(_ => empty(shape, type, device).DetachFromDisposeScope())];
        values = [.. Enumerable.Range(0, layers).Select(_ => empty(shape, type, device).DetachFromDisposeScope())];
        starts = new long[batch];
        Capacity = capacity;
    }

    /// <summary>The number of positions for which there is room.</summary>
    public long Capacity { get; }

    /// <summary>The number of positions that are cached in every layer, padding included.</summary>
    public long Length { get; private set; }

    public long Batch => keys[0].shape[0];

    /// <summary>
    /// The additive padding mask of the next single-token pass, [B, 1, 1, S], made on first use; null if no row is padded.
    /// </summary>
    public override Tensor? Mask => visible ??= Array.TrueForAll(starts, start => start == 0) ? null : PaddingMask();

    /// <summary>The tensors of a layer, [B, Hkv, capacity, d], with room that is not used yet.</summary>
    public (Tensor Keys, Tensor Values) Storage(int layer) => (keys[layer], values[layer]);

    /// <summary>Appends a pass's keys and values, [B, Hkv, T, d], and returns views of all that are cached.</summary>
    public override (Tensor Keys, Tensor Values) Extend(int layer, Tensor newKeys, Tensor newValues)
    {
        var count = newKeys.shape[2];
        Reserve(count);
        keys[layer].narrow(2, Length, count).copy_(newKeys);
        values[layer].narrow(2, Length, count).copy_(newValues);
        return (keys[layer].narrow(2, 0, Length + count), values[layer].narrow(2, 0, Length + count));
    }

    /// <summary>Announces that <paramref name="count"/> positions will be appended in every layer.</summary>
    /// <exception cref="InvalidOperationException">There is no room for them.</exception>
    public void Reserve(long count)
    {
        if (Length + count > Capacity)
        {
            throw new InvalidOperationException($"The cache holds {Capacity} positions; {Length} + {count} do not fit.");
        }

        pending = count;
    }

    /// <summary>
    /// Ends a pass that has called <see cref="Extend"/> for every layer: its positions count in <see cref="Length"/> from now on.
    /// </summary>
    public void Advance()
    {
        Length += pending;
        pending = 0;
        ResetMask();
    }

    /// <summary>
    /// Copies the cache of one prompt into <paramref name="rows"/> rows from row <paramref name="first"/> on, such that it ends at
    /// position <paramref name="end"/>. The positions before it become padding.
    /// </summary>
    public void Fill(KeyValueCache prompt, long first, long rows, long end)
    {
        using var scope = NewDisposeScope();
        var start = end - prompt.Length;
        for (var layer = 0; layer < keys.Length; layer++)
        {
            Copy(prompt.keys[layer], keys[layer]);
            Copy(prompt.values[layer], values[layer]);
        }

        Length = end;
        starts.AsSpan((int)first, (int)rows).Fill(start);
        startsThere?.Dispose();
        startsThere = null;
        if (start > 0)
        {
            foreach (var side in keys.Concat(values))
            {
                // The padding is zeroed, since a NaN in uninitialised memory would pass through the mask as 0 · NaN.
                side.narrow(0, first, rows).narrow(2, 0, start).zero_();
            }
        }

        ResetMask();

        void Copy(Tensor from, Tensor to) =>
            to.narrow(0, first, rows).narrow(2, start, prompt.Length).copy_(from.narrow(2, 0, prompt.Length));
    }

    /// <summary>Copies the first <paramref name="count"/> positions of another cache's one row, without padding, into this empty one.</summary>
    public void Begin(KeyValueCache other, long count)
    {
        for (var layer = 0; layer < keys.Length; layer++)
        {
            keys[layer].narrow(2, 0, count).copy_(other.keys[layer].narrow(2, 0, count));
            values[layer].narrow(2, 0, count).copy_(other.values[layer].narrow(2, 0, count));
        }

        Length = count;
        ResetMask();
    }

    /// <summary>A cache of one row alone, without its padding and without room for more.</summary>
    public KeyValueCache Row(int row)
    {
        using var scope = NewDisposeScope();
        var (start, count) = (starts[row], Length - starts[row]);
        return new KeyValueCache([.. keys.Select(Copy)], [.. values.Select(Copy)], count);

        Tensor Copy(Tensor side) => side.narrow(0, row, 1).narrow(2, start, count).clone().DetachFromDisposeScope();
    }

    /// <summary>A cache of the given <paramref name="rows"/> alone. This cache is disposed, layer by layer, so that two are never held.</summary>
    public KeyValueCache Keep(long[] rows)
    {
        var kept = new KeyValueCache(this, rows);
        ResetMask();
        return kept;
    }

    /// <summary>A cache of one row that is full, of tensors [1, Hkv, S, d] a layer. It takes them over.</summary>
    public static KeyValueCache Of(Tensor[] keys, Tensor[] values) => new(keys, values, keys[0].shape[2]);

    private KeyValueCache(Tensor[] keys, Tensor[] values, long length) =>
        (this.keys, this.values, starts, Capacity, Length) = (keys, values, new long[1], length, length);

    private KeyValueCache(KeyValueCache source, long[] rows)
    {
        using var indices = tensor(rows, ScalarType.Int64, source.keys[0].device);
        starts = [.. rows.Select(row => source.starts[row])];
        Capacity = source.Capacity;
        Length = source.Length;
        keys = [.. source.keys.Select(Taken)];
        values = [.. source.values.Select(Taken)];

        Tensor Taken(Tensor side)
        {
            using (side)
            {
                return side.index_select(0, indices).DetachFromDisposeScope();
            }
        }
    }

    // 0 from each row's first position after its padding to the next position, −∞ before.
    private Tensor PaddingMask()
    {
        using var scope = NewDisposeScope();
        // Once on the device: the mask is made anew for each token.
        startsThere ??= tensor(starts, ScalarType.Int64).to(keys[0].device).DetachFromDisposeScope();
        return FusedAttention.MaskFrom(startsThere, Length + 1, keys[0].dtype).unsqueeze(1).unsqueeze(1).DetachFromDisposeScope();
    }

    private void ResetMask()
    {
        visible?.Dispose();
        visible = null;
    }

    public void Dispose()
    {
        foreach (var side in keys.Concat(values))
        {
            side.Dispose();
        }

        startsThere?.Dispose();
        ResetMask();
    }
}
