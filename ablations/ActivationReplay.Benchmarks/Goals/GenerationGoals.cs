using System.Globalization;
using ActivationReplay.Benchmarks.Rates;
using ActivationReplay.Benchmarks.Workloads;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Benchmarks.Goals;

/// <summary>Goals of generation: bandwidth of a single stream, and samples of one question in one batch.</summary>
internal static class GenerationGoals
{
    private const int VisualTokens = 256;
    private const int Tokens = 33;
    private const int Samples = 8;

    /// <summary>Measures them.</summary>
    public static IEnumerable<GoalResult> Measure(MeasureOptions options, ReplayPair pair)
    {
        var model = pair.Model(ModelRole.Rlvr);
        using var generation = new GenerationMeasure(model, VisualTokens);
        using var rates = new MachineRates(options.Type, model.Device);
        var work = generation.DecodeWork(sequences: 1, Tokens);
        var decode = Medians.Interleave(
            options.Rounds,
            () => work.Bytes / generation.SecondsPerStep(samples: 1, Tokens),
            () => rates.CopyRate());
        yield return new GoalResult(
            new Goal("bandwidth of single-stream decoding / of a large copy", 0.8, IsFloor: true),
            Medians.Ratio(decode[0], decode[1]),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Medians.Of(decode[0]) / 1e9:0.0} GB/s / {Medians.Of(decode[1]) / 1e9:0.0} GB/s; {work.Bytes / 1e6:0} MB a token"));

        var samples = Medians.Interleave(
            Math.Min(options.Rounds, 3),
            () => DeviceClock.Seconds(model.Device, () => Answer(generation, Samples)),
            () => DeviceClock.Seconds(model.Device, () =>
            {
                for (var sample = 0; sample < Samples; sample++)
                {
                    Answer(generation, 1);
                }
            }));
        yield return new GoalResult(
            new Goal("8 samples of one question / 8 single runs", 0.3),
            Medians.Ratio(samples[0], samples[1]),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Medians.Of(samples[0]):0.00} s / {Medians.Of(samples[1]):0.00} s: vision, prefill, {Tokens} tokens each, {VisualTokens} visual tokens"));
    }

    private static void Answer(GenerationMeasure generation, int samples)
    {
        generation.Encode();
        generation.Generate(samples, Tokens, temperature: 1);
    }
}
