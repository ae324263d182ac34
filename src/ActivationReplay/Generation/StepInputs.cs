using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Generation;

/// <summary>
/// What the host gives to each decoding step: the draws of the answers and the rotary positions of the rows. The C# kernels take those
/// of one step. For a GPU they are sent for many steps at once, since each transfer waits for it.
/// </summary>
internal sealed class StepInputs(QwenVlModel model, GenerationSettings settings) : IDisposable
{
    private const int Steps = 64;
    // As AnswerCache.Of decides it: where answers share rows, the same number of rows at a later step can be others.
    private readonly int steps = model.Backend.ThinRows > 0 ? 1 : Steps;
    private Block? uniforms;
    private Block? rotary;

    /// <summary>The uniform numbers of a step, [A] fp64; null for greedy decoding.</summary>
    public Tensor? Uniforms(IReadOnlyList<GrowingAnswer> answers, int step) =>
        settings.Temperature == 0 ? null : At(ref uniforms, answers, step, Draws).Tensors[0].select(0, step % steps);

    /// <summary>The rotary table of the tokens that a step appends, [B, 1, 1, d].</summary>
    /// <param name="answers">An answer of each row.</param>
    /// <param name="step">The step.</param>
    public Rotary Rotary(IReadOnlyList<GrowingAnswer> answers, int step)
    {
        var held = At(ref rotary, answers, step, Table).Tensors;
        return new Rotary(held[0].narrow(1, step % steps, 1), held[1].narrow(1, step % steps, 1));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        uniforms?.Dispose();
        rotary?.Dispose();
    }

    // Answers never come back, so that within a block of several steps the same number of them is the same answers.
    private Block At(ref Block? held, IReadOnlyList<GrowingAnswer> answers, int step, Func<IReadOnlyList<GrowingAnswer>, int, Tensor[]> make)
    {
        var first = step / steps * steps;
        if (held?.First == first && held.Answers == answers.Count)
        {
            return held;
        }

        held?.Dispose();
        using var scope = NewDisposeScope();
        var tensors = make(answers, first);
        Array.ForEach(tensors, t => t.DetachFromDisposeScope());
        return held = new Block(first, answers.Count, tensors);
    }

    private Tensor[] Draws(IReadOnlyList<GrowingAnswer> answers, int first) =>
    [
        tensor(Enumerable.Range(first, steps).SelectMany(s => answers.Select(answer => answer.Uniform(s))).ToArray(), ScalarType.Float64)
            .view(steps, answers.Count).to(model.Device),
    ];

    // [B, steps, 1, d]
    private Tensor[] Table(IReadOnlyList<GrowingAnswer> answers, int first)
    {
        long[] positions = [.. answers.SelectMany(answer => Enumerable.Range(first, steps).Select(s => answer.FirstPosition + s))];
        var table = model.RotaryAt(tensor(positions, ScalarType.Int64).view(1, answers.Count, steps).expand(3, -1, -1));
        return [table.Cos, table.Sin];
    }

    private sealed record Block(int First, int Answers, Tensor[] Tensors) : IDisposable
    {
        public void Dispose() => Array.ForEach(Tensors, t => t.Dispose());
    }
}
