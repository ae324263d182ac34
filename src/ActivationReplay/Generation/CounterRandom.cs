namespace ActivationReplay.Generation;

/// <summary>
/// A counter-based random generator: a number depends on its seed and counter alone, so that results do not depend on batches,
/// order or restarts. SplitMix64 (Steele, Lea, Flood 2014) over the 64-bit words of the counter in turn.
/// </summary>
public static class CounterRandom
{
    /// <summary>A uniform number in [0, 1) with 53 random bits.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="counter">
    /// What the number is for, such as sample and step; each distinct value gives an independent number.
    /// </param>
    public static double Uniform(ulong seed, params ReadOnlySpan<ulong> counter)
    {
        var state = Mix(seed + 0x9E3779B97F4A7C15);
        foreach (var word in counter)
        {
            state = Mix(state ^ (word + 0x9E3779B97F4A7C15));
        }

        return (state >> 11) * (1.0 / (1UL << 53));
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
