using ActivationReplay.Checkpoints;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>
/// Keys and values of all layers, allocated once: [B, Hkv, capacity, d] each. Rows of different prompt lengths are
/// aligned at their ends; <see cref="Mask"/> hides what lies before a shorter row's start.
/// </summary>
internal sealed class KeyValueCache : AttentionContext, IDisposable
{
    private readonly Tensor[] keys;
    private readonly Tensor[] values;
    private readonly long[] starts; // first position of each row that may be attended to
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

    /// <summary>Positions that fit.</summary>
    public long Capacity { get; }

    /// <summary>Positions held in every layer.</summary>
    public long Length { get; private set; }

    public long Batch => keys[0].shape[0];

    /// <summary>Of the next single-token pass, [B, 1, 1, S]; made when it is first asked for.</summary>
    public override Tensor? Mask => visible ??= Array.TrueForAll(starts, start => start == 0) ? null : PaddingMask();

    /// <summary>First position of a row that may be attended to.</summary>
    public long FirstOf(int row) => starts[row];

    /// <summary>All keys and values of a layer, [B, Hkv, capacity, d].</summary>
    public (Tensor Keys, Tensor Values) Storage(int layer) => (keys[layer], values[layer]);

    /// <summary>Writes a pass's keys and values behind those held; gives views of all.</summary>
    public override (Tensor Keys, Tensor Values) Extend(int layer, Tensor newKeys, Tensor newValues)
    {
        var count = newKeys.shape[2];
        Reserve(count);
        keys[layer].narrow(2, Length, count).copy_(newKeys);
        values[layer].narrow(2, Length, count).copy_(newValues);
        return (keys[layer].narrow(2, 0, Length + count), values[layer].narrow(2, 0, Length + count));
    }

    /// <summary>Makes sure that a pass's positions fit behind those held.</summary>
    /// <exception cref="InvalidOperationException">They do not.</exception>
    public void Reserve(long count)
    {
        if (Length + count > Capacity)
        {
            throw new InvalidOperationException($"The cache holds {Capacity} positions; {Length} + {count} do not fit.");
        }

        pending = count;
    }

    /// <summary>The pass that called <see cref="Extend"/> for every layer is over: its positions count as held.</summary>
    public void Advance()
    {
        Length += pending;
        pending = 0;
        ResetMask();
    }

    /// <summary>
    /// Copies a one-row cache into <paramref name="rows"/> rows from <paramref name="first"/> on, ending at
    /// <paramref name="end"/>; the positions before are hidden in those rows.
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
        if (start > 0)
        {
            foreach (var side in keys.Concat(values))
            {
                // Never read uninitialised memory: a NaN would pass through the mask as 0 · NaN.
                side.narrow(0, first, rows).narrow(2, 0, start).zero_();
            }
        }

        ResetMask();

        void Copy(Tensor from, Tensor to) =>
            to.narrow(0, first, rows).narrow(2, start, prompt.Length).copy_(from.narrow(2, 0, prompt.Length));
    }

    /// <summary>A smaller cache of some <paramref name="rows"/>; this one is disposed.</summary>
    public KeyValueCache Keep(long[] rows)
    {
        var kept = new KeyValueCache(this, rows);
        Dispose();
        return kept;
    }

    private KeyValueCache(KeyValueCache source, long[] rows)
    {
        using var indices = tensor(rows, ScalarType.Int64, source.keys[0].device);
        starts = [.. rows.Select(row => source.starts[row])];
        Capacity = source.Capacity;
        Length = source.Length;
        keys = [.. source.keys.Select(k => k.index_select(0, indices).DetachFromDisposeScope())];
        values = [.. source.values.Select(v => v.index_select(0, indices).DetachFromDisposeScope())];
    }

    // True from each row's start to the next position.
    private Tensor PaddingMask()
    {
        using var scope = NewDisposeScope();
        var device = keys[0].device;
        return Scalars.UpTo(Length + 1, device).ge(tensor(starts, ScalarType.Int64, device).view(-1, 1, 1, 1))
            .DetachFromDisposeScope();
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

        ResetMask();
    }
}
