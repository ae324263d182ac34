using System.Globalization;
using ActivationReplay.Benchmarks.Rates;
using ActivationReplay.Benchmarks.Workloads;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;
using static TorchSharp.torch;

namespace ActivationReplay.Benchmarks.Goals;

/// <summary>
/// The small pair, whose operations are so short that the calls between them count: batches of variants, of questions and of samples
/// against one by one.
/// </summary>
internal static class EmbeddedGoals
{
    private const int VisualTokens = 36;
    private const int Count = 8;
    private const int Tokens = 33;

    /// <summary>Measures them.</summary>
    public static IEnumerable<GoalResult> Measure(MeasureOptions options)
    {
        var threads = get_num_threads();
        try
        {
            foreach (var result in MeasurePair(options))
            {
                yield return result;
            }
        }
        finally
        {
            set_num_threads(threads); // the pair chose its own
        }
    }

    private static IEnumerable<GoalResult> MeasurePair(MeasureOptions options)
    {
        using var pair = RandomPair.Load(options with { Threads = 0, Dtype = "float32" }, RandomPair.Embedded);
        var model = pair.Model(ModelRole.Rlvr);
        using var inputs = ShapedPrompt.Of(model.Config, VisualTokens);
        using var context = new ReplayContext(inputs, pair.Model(ModelRole.Base), model);
        var method = ReplayMethods.Get("replay");
        var variants = MeasuredLoop.Variants(MeasuredLoop.Of(model.Layers, iterations: 10, layers: 7), Count);
        var loops = Medians.Interleave(
            options.Rounds,
            () => DeviceClock.Seconds(model.Device, () => Discard(method.PrepareAll(context, variants))),
            () => DeviceClock.Seconds(model.Device, () => Discard([.. variants.Select(v => method.Prepare(context, v))])));
        yield return new GoalResult(
            new Goal("embedded pair: 8 variants of the loop in one batch / one by one", null),
            Medians.Ratio(loops[0], loops[1]),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Medians.Of(loops[0]):0.000} s / {Medians.Of(loops[1]):0.000} s: 10 iterations, {VisualTokens} visual tokens, {get_num_threads()} thread(s)"));

        yield return QuestionGoals.Measure(
            options, pair, "embedded pair", [.. Enumerable.Range(VisualTokens - Count + 1, Count)], MeasuredLoop.Of(model.Layers, iterations: 10, layers: 7));

        using var generation = new GenerationMeasure(model, VisualTokens);
        var samples = Medians.Interleave(
            options.Rounds,
            () => DeviceClock.Seconds(model.Device, () => generation.Generate(Count, Tokens, temperature: 1)),
            () => DeviceClock.Seconds(model.Device, () =>
            {
                for (var sample = 0; sample < Count; sample++)
                {
                    generation.Generate(1, Tokens, temperature: 1);
                }
            }));
        yield return new GoalResult(
            new Goal("embedded pair: 8 samples in one batch / one by one", null),
            Medians.Ratio(samples[0], samples[1]),
            string.Create(CultureInfo.InvariantCulture, $"{Medians.Of(samples[0]):0.000} s / {Medians.Of(samples[1]):0.000} s: {Tokens} tokens each"));
    }

    private static void Discard(IReadOnlyList<Preparation> prepared)
    {
        foreach (var one in prepared)
        {
            one.Dispose();
        }
    }
}
