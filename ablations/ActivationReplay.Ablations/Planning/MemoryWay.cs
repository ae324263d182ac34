using System.Globalization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Inputs;

namespace ActivationReplay.Ablations.Planning;

/// <summary>A change of a run that may need less memory.</summary>
/// <param name="Words">What sets it on the command line.</param>
/// <param name="Config">The run so changed.</param>
/// <param name="Prompt">Its largest prompt.</param>
internal sealed record MemoryWay(string Words, RunConfig Config, PromptShape Prompt)
{
    private static readonly long[] s_pixels = [1_003_520, 501_760, 250_880, 125_440, 62_720, 31_360];
    private static readonly int[] s_tokens = [1024, 512, 256, 128, 64];

    /// <summary>The changes to try, those that change least first.</summary>
    /// <param name="config">The run.</param>
    /// <param name="prompt">Its largest prompt.</param>
    /// <param name="withPixels">The largest prompt with at most so many pixels a picture; null where the command has no such option.</param>
    /// <param name="budget">What there is, to try other devices.</param>
    public static IEnumerable<MemoryWay> Of(RunConfig config, PromptShape prompt, Func<long, PromptShape>? withPixels, MemoryBudget budget)
    {
        var one = config.Pair.Models == ModelsInMemory.Both ? new MemoryWay("--models one", With(config, p => p with { Models = ModelsInMemory.One }), prompt) : null;
        var half = config.Pair.Dtype == "float32" ? new MemoryWay("--dtype bfloat16", With(config, p => p with { Dtype = "bfloat16" }), prompt) : null;
        var both = one is null || half is null ? null : new MemoryWay($"{one.Words} {half.Words}", With(one.Config, p => p with { Dtype = "bfloat16" }), prompt);
        foreach (var way in new[] { one, half, both }.OfType<MemoryWay>())
        {
            yield return way;
        }

        if (config.Pair.Device is "cuda" or "cuda:0" && budget.Of("cuda:1") is not null)
        {
            const string Two = "base=cuda:0,rlvr=cuda:1";
            yield return new MemoryWay($"--device {Two}", With(config, p => p with { Device = Two }), prompt);
        }

        if (config.Pair.Device != "cpu")
        {
            yield return new MemoryWay("--device cpu", With(config, p => p with { Device = "cpu" }), prompt);
        }

        foreach (var tokens in s_tokens.Where(n => n < config.Generation.MaxNewTokens))
        {
            yield return new MemoryWay(
                string.Create(CultureInfo.InvariantCulture, $"--max-new-tokens {tokens}"),
                config with { Generation = config.Generation with { MaxNewTokens = tokens } },
                prompt);
        }

        if (withPixels is null)
        {
            yield break;
        }

        var least = new[] { null, both ?? one ?? half };
        foreach (var pixels in s_pixels)
        {
            var smaller = withPixels(pixels);
            if (smaller.Visual >= prompt.Visual)
            {
                continue;
            }

            foreach (var with in least.Distinct())
            {
                yield return new MemoryWay(
                    string.Create(CultureInfo.InvariantCulture, $"--set prompt.max-pixels={pixels}{(with is null ? "" : " " + with.Words)}"),
                    with?.Config ?? config,
                    smaller);
            }
        }
    }

    private static RunConfig With(RunConfig config, Func<PairConfig, PairConfig> change) => config with { Pair = change(config.Pair) };
}
