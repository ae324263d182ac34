using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Generation;

/// <summary>
/// What the host gives to each decoding step: the draws and the rotary positions of all rows. The C# kernels take those of one step.
/// For a GPU they are sent for many steps at once, since each transfer waits for it.
/// </summary>
internal sealed class StepInputs(QwenVlModel model, GenerationSettings settings) : IDisposable
{
    private const int Steps = 64;
    private readonly int steps = model.Backend.HasKernels ? 1 : Steps;
    private Block? block;

    /// <summary>The uniform numbers of a step, [B] fp64; null for greedy decoding.</summary>
    public Tensor? Uniforms(IReadOnlyList<AnswerRow> rows, int step) => At(rows, step).Uniforms?.select(0, step % steps);

    /// <summary>The rotary table of the tokens that a step appends, [B, 1, 1, d].</summary>
    public Rotary Rotary(IReadOnlyList<AnswerRow> rows, int step)
    {
        var held = At(rows, step);
        var row = step % steps;
        return new Rotary(held.Rotary.Cos.narrow(1, row, 1), held.Rotary.Sin.narrow(1, row, 1));
    }

    /// <inheritdoc/>
    public void Dispose() => block?.Dispose();

    // Rows never come back, so that the same number of them is the same rows.
    private Block At(IReadOnlyList<AnswerRow> rows, int step)
    {
        var first = step / steps * steps;
        if (block is { } held && held.First == first && held.Rows == rows.Count)
        {
            return held;
        }

        block?.Dispose();
        return block = Make(rows, first);
    }

    private Block Make(IReadOnlyList<AnswerRow> rows, int first)
    {
        using var scope = NewDisposeScope();
        long[] positions = [.. rows.SelectMany(row => Enumerable.Range(first, steps).Select(s => row.FirstPosition + s))];
        var table = model.RotaryAt(tensor(positions, ScalarType.Int64).view(1, rows.Count, steps).expand(3, -1, -1)); // [B, steps, 1, d]
        var uniforms = settings.Temperature == 0
            ? null
            : tensor(Enumerable.Range(first, steps).SelectMany(s => rows.Select(row => row.Uniform(s))).ToArray(), ScalarType.Float64)
                .view(steps, rows.Count).to(model.Device);
        table.Cos.DetachFromDisposeScope();
        table.Sin.DetachFromDisposeScope();
        return new Block(first, rows.Count, table, uniforms?.DetachFromDisposeScope());
    }

    private sealed record Block(int First, int Rows, Rotary Rotary, Tensor? Uniforms) : IDisposable
    {
        public void Dispose()
        {
            Rotary.Cos.Dispose();
            Rotary.Sin.Dispose();
            Uniforms?.Dispose();
        }
    }
}
