using ActivationReplay.Kernels;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Decoding;

/// <summary>
/// A batch of answers on the CPU in fp32: keys and values of a prompt are there once, whatever the number of its answers, and so are
/// those of new tokens that several answers begin with. A row that is let go is no longer named; what is copied are the new tokens of a
/// row whose answers part. A row has the same bits in any batch.
/// </summary>
internal sealed class SharedPrompts : AnswerCache
{
    private readonly List<KeyValueCache> prompts = [];
    private readonly Tensor[] keys; // of new tokens, a tensor a layer, [slots, Hkv, room, d]
    private readonly Tensor[] values;
    private readonly List<(HostRows Keys, HostRows Values)[]> promptRows = []; // of each prompt and layer
    private readonly (HostRows Keys, HostRows Values)[] ownRows; // of each layer
    private readonly int slots; // a row has one, and there are never more rows than answers
    private List<(int Prompt, int Slot)> rows = [];

    /// <inheritdoc cref="AnswerCache.Of"/>
    public SharedPrompts(QwenVlModel model, int answers, int newTokens)
        : base(model)
    {
        var config = model.Config.Text;
        long[] shape = [answers, config.KvHeads, newTokens, config.HeadSize];
        (keys, values, Room, slots) = (New(), New(), newTokens, answers);
        ownRows = HostRowsOf(keys, values);

        Tensor[] New() => [.. Enumerable.Range(0, model.Layers).Select(_ => empty(shape, ScalarType.Float32).DetachFromDisposeScope())];
    }

    public override int Rows => rows.Count;

    /// <summary>The most new tokens of a row.</summary>
    public int Room { get; }

    /// <summary>The new tokens that each row has in every layer.</summary>
    public int Length { get; private set; }

    /// <summary>The prompt of a row, and where its new tokens lie.</summary>
    public (int Prompt, int Slot) this[int row] => rows[row];

    /// <summary>The length of a prompt.</summary>
    public int LengthOf(int prompt) => (int)prompts[prompt].Length;

    /// <summary>A prompt's keys and values in a layer: a row of d a head and position.</summary>
    public (HostRows Keys, HostRows Values) Of(int prompt, int layer) => promptRows[prompt][layer];

    /// <summary>Keys and values of all new tokens in a layer: a row of d a slot, head and token.</summary>
    public (HostRows Keys, HostRows Values) Own(int layer) => ownRows[layer];

    public override IReadOnlyList<int> Add(int answers)
    {
        var prompt = Prompt!;
        rows.Add((prompts.Count, rows.Count));
        prompts.Add(prompt);
        promptRows.Add(HostRowsOf(
            [.. Enumerable.Range(0, Model.Layers).Select(l => prompt.Storage(l).Keys)],
            [.. Enumerable.Range(0, Model.Layers).Select(l => prompt.Storage(l).Values)]));
        return [.. Enumerable.Repeat(rows.Count - 1, answers)];
    }

    public override Tensor Next(Tensor embedded, Rotary table)
    {
        if (Length == Room)
        {
            throw new InvalidOperationException($"There is room for {Room} new tokens a row, and all of it is used.");
        }

        Model.CountPositions(Model.Layers * embedded.shape[0]);
        var states = TokenPass.Run(Model.DecoderLayers, embedded, table, this);
        Length++;
        return states;
    }

    // libtorch's product of many rows would sum in another order.
    public override Tensor Logits(Tensor states)
    {
        using var scope = NewDisposeScope();
        return ThinProduct.Of(Model.Normalise(states.squeeze(1)), Model.HeadWeight, null).MoveToOuterDisposeScope();
    }

    public override void Keep(long[] rows)
    {
        var kept = rows.Select(row => this.rows[(int)row]).ToList();
        var left = kept.Select(row => row.Slot).ToHashSet();
        var free = new Queue<int>(Enumerable.Range(0, slots).Where(slot => !left.Contains(slot)));
        // The first to name a row has its slot.
        this.rows = [.. kept.Select(row => left.Remove(row.Slot) ? row : (row.Prompt, Copy(row.Slot, free.Dequeue())))];
    }

    // Copies the new tokens of a slot to another.
    private int Copy(int from, int to)
    {
        var heads = Model.Config.Text.KvHeads;
        foreach (var (ownKeys, ownValues) in ownRows)
        {
            for (var head = 0; head < heads; head++)
            {
                var (source, target) = (((from * heads) + head) * (long)Room, ((to * heads) + head) * (long)Room);
                ownKeys.Many(source, Length).CopyTo(ownKeys.Many(target, Length));
                ownValues.Many(source, Length).CopyTo(ownValues.Many(target, Length));
            }
        }

        return to;
    }

    public override KeyValueCache Row(int row)
    {
        using var scope = NewDisposeScope();
        var (prompt, slot) = rows[row];
        return KeyValueCache.Of(
            [.. keys.Select((own, layer) => Joined(prompts[prompt].Storage(layer).Keys, own))],
            [.. values.Select((own, layer) => Joined(prompts[prompt].Storage(layer).Values, own))]);

        Tensor Joined(Tensor before, Tensor own) => cat([before, own.narrow(0, slot, 1).narrow(2, 0, Length)], 2).DetachFromDisposeScope();
    }

    public override void Dispose()
    {
        foreach (var side in keys.Concat(values))
        {
            side.Dispose();
        }

        prompts.ForEach(prompt => prompt.Dispose());
        base.Dispose();
    }

    private (HostRows Keys, HostRows Values)[] HostRowsOf(Tensor[] allKeys, Tensor[] allValues) =>
        [.. allKeys.Zip(allValues, (k, v) => (new HostRows(k, Model.Config.Text.HeadSize), new HostRows(v, Model.Config.Text.HeadSize)))];
}
