using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Decoding;

/// <summary>
/// A batch of answers by libtorch's operations: each has a copy of its prompt, padded to the longest, so that all of them are one tensor.
/// </summary>
/// <inheritdoc cref="AnswerCache.Of"/>
internal sealed class PaddedPrompts(QwenVlModel model, int answers, long longest, int newTokens) : AnswerCache(model)
{
    private KeyValueCache cache = new(model.Config.Text, model.Layers, answers, longest + newTokens, model.Type, model.Device);
    private int rows;

    public override int Rows => rows;

    public override IReadOnlyList<int> Add(int answers)
    {
        using var prompt = Prompt!;
        cache.Fill(prompt, rows, answers, longest);
        rows += answers;
        return [.. Enumerable.Range(rows - answers, answers)];
    }

    public override Tensor Next(Tensor embedded, Rotary table)
    {
        var states = ForwardPass.Run(Model, embedded, table, cache, null, Model.Layers + 1);
        cache.Advance();
        return states;
    }

    public override void Keep(long[] rows) => (cache, this.rows) = (cache.Keep(rows), rows.Length);

    public override KeyValueCache Row(int row) => cache.Row(row);

    public override void Dispose()
    {
        base.Dispose();
        cache.Dispose();
    }
}
