using static TorchSharp.torch;

namespace ActivationReplay.Replay.Objective;

/// <summary>The losses of C variants by step, on their device until they are asked for: a read waits for all that was launched.</summary>
/// <param name="variants">C.</param>
/// <param name="readsEachStep">Whether each step is read as it is added, for those who stop by it.</param>
internal sealed class LossCurve(int variants, bool readsEachStep) : IDisposable
{
    private readonly List<Tensor> waiting = []; // [C] each
    private readonly List<float[]> read = [];

    /// <summary>The loss of a variant before a step, from 0; only with <c>readsEachStep</c>.</summary>
    public double this[int step, int variant] => read[step][variant];

    /// <summary>Adds the losses of a step, [C] fp32; they are copied.</summary>
    public void Add(Tensor losses)
    {
        waiting.Add(losses.detach().clone().DetachFromDisposeScope());
        if (readsEachStep)
        {
            Read();
        }
    }

    /// <summary>The losses of all variants, a list a step.</summary>
    public IReadOnlyList<float[]> Read()
    {
        if (waiting.Count > 0)
        {
            using var scope = NewDisposeScope();
            read.AddRange(stack([.. waiting]).cpu().data<float>().ToArray().Chunk(variants));
            Free();
        }

        return read;
    }

    /// <inheritdoc/>
    public void Dispose() => Free();

    private void Free()
    {
        waiting.ForEach(w => w.Dispose());
        waiting.Clear();
    }
}
