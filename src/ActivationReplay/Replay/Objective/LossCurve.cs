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

    /// <summary>The first so many losses of each variant.</summary>
    public IReadOnlyList<double>[] Of(IReadOnlyList<int> counts)
    {
        Read();
        return [.. Enumerable.Range(0, variants).Select(v => (IReadOnlyList<double>)[.. read.Take(counts[v]).Select(step => (double)step[v])])];
    }

    /// <inheritdoc/>
    public void Dispose() => Free();

    private void Read()
    {
        if (waiting.Count > 0)
        {
            using var scope = NewDisposeScope();
            read.AddRange(stack([.. waiting]).cpu().data<float>().ToArray().Chunk(variants));
            Free();
        }
    }

    private void Free()
    {
        waiting.ForEach(w => w.Dispose());
        waiting.Clear();
    }
}
