
namespace ActivationReplay.Benchmarks.Workloads;

/// <summary>The pair that benchmarks share, loaded once; another type takes its place.</summary>
internal static class PairCache
{
    private static (MeasureOptions Options, ReplayPair Pair)? held;

    /// <summary>The pair of some options.</summary>
    public static ReplayPair Get(MeasureOptions options)
    {
        if (held is not { } current || current.Options != options)
        {
            held?.Pair.Dispose();
            held = (options, RandomPair.Load(options));
        }

        return held.Value.Pair;
    }
}
