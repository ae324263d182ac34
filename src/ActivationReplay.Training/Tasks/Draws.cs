using ActivationReplay.Generation;

namespace ActivationReplay.Training.Tasks;

/// <summary>A stream of random numbers determined by seed, purpose and index, the same on every platform.</summary>
/// <param name="seed">The seed of the run or data set.</param>
/// <param name="purpose">What the numbers are for.</param>
/// <param name="index">Which picture, step or question they belong to.</param>
internal sealed class Draws(ulong seed, DrawPurpose purpose, ulong index)
{
    private ulong next;

    /// <summary>A number in [0, 1).</summary>
    public double Uniform() => CounterRandom.Uniform(seed, (ulong)purpose, index, next++);

    /// <summary>A number in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public double Between(double low, double high) => low + ((high - low) * Uniform());

    /// <summary>A whole number from 0 to <paramref name="count"/> - 1.</summary>
    public int Below(int count) => (int)(Uniform() * count);

    /// <summary>A whole number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public int From(int least, int most) => least + Below(most - least + 1);

    /// <summary>True with probability <paramref name="probability"/>.</summary>
    public bool Chance(double probability) => Uniform() < probability;

    /// <summary>One of <paramref name="items"/>.</summary>
    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>The first <paramref name="count"/> of 0..<paramref name="total"/>-1 in random order.</summary>
    public int[] Choose(int count, int total)
    {
        int[] all = [.. Enumerable.Range(0, total)];
        for (var i = 0; i < count; i++)
        {
            var j = From(i, total - 1);
            (all[i], all[j]) = (all[j], all[i]);
        }

        return all[..count];
    }
}

/// <summary>Keeps the streams of one seed apart.</summary>
internal enum DrawPurpose
{
    Scene = 1,
    Painting,
    Question,
    Answer,
    Batch,
    Weights,
    Rollout,
    FrameOrder,
}
