using System.Globalization;
using ActivationReplay.Benchmarks.Children;
using ActivationReplay.Benchmarks.Rates;
using ActivationReplay.Benchmarks.Reference;
using ActivationReplay.Benchmarks.Workloads;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Benchmarks.Goals;

/// <summary>
/// Goals of the optimisation loop: time and memory against the reference's shape, the floor, growth with the picture.
/// </summary>
internal static class LoopGoals
{
    private const int VisualTokens = 256;
    private static readonly int[] Sizes = [64, 128, 256, 512, 1024];

    /// <summary>Measures them.</summary>
    public static IEnumerable<GoalResult> Measure(MeasureOptions options, ReplayPair pair)
    {
        foreach (var result in Times(options, pair))
        {
            yield return result;
        }

        yield return QuestionGoals.Measure(
            options, pair, $"shape {options.Shape}", [48, 64, 64, 80], MeasuredLoop.Of(pair.Model(ModelRole.Rlvr).Layers, iterations: 2));
        yield return Memory(options);
        yield return Growth(options, pair);
    }

    private static IEnumerable<GoalResult> Times(MeasureOptions options, ReplayPair pair)
    {
        const int Iterations = 3;
        var model = pair.Model(ModelRole.Rlvr);
        using var inputs = ShapedPrompt.Of(model.Config, VisualTokens);
        using var context = new ReplayContext(inputs, pair.Model(ModelRole.Base), model);
        using var rates = new MachineRates(options.Type, model.Device);
        var settings = MeasuredLoop.Of(model.Layers, Iterations);
        var flop = LoopMeasure.WorkOf(context, [settings]).Flop;
        // A round with the floor is short, so there are more of them: a processor's rate changes within seconds.
        var near = Medians.Interleave(
            3 * options.Rounds,
            () => LoopMeasure.SecondsPerIteration(context, settings),
            () => flop / rates.ProductRate());
        var far = Medians.Interleave(
            options.Rounds,
            () => LoopMeasure.SecondsPerIteration(context, settings),
            () => ReferenceShapedLoop.Run(context, settings with { Iterations = 1 }).Seconds);
        yield return new GoalResult(
            new Goal("one iteration of the loop / the same in the reference's shape", 0.2),
            Medians.Ratio(far[0], far[1]),
            Text($"{Medians.Of(far[0]):0.000} s / {Medians.Of(far[1]):0.000} s, {VisualTokens} visual tokens, {settings.Layers.Count} layers with {LoopMeasure.SelectedOf(context, settings)} selected positions, {options.Dtype}"));
        yield return new GoalResult(
            new Goal("one iteration / its needed operations at the rate of a 2048³ product", 1.3),
            Medians.Ratio(near[0], near[1]),
            Text($"{Medians.Of(near[0]):0.000} s / ({flop / 1e9:0.0} GFLOP at {flop / Medians.Of(near[1]) / 1e9:0} GFLOP/s = {Medians.Of(near[1]):0.000} s)"));
    }

    private static GoalResult Memory(MeasureOptions options)
    {
        var goal = new Goal("peak extra memory of the loop / of the reference-shaped one", 0.3);
        var ours = ChildProcess.Run(options, ChildCommand.LoopMemory, ChildCommand.Engine)[ChildCommand.PeakBytes];
        var reference = ChildProcess.Run(options, ChildCommand.LoopMemory, ChildCommand.Reference)[ChildCommand.PeakBytes];
        return ours is { } a && reference is { } b
            ? new GoalResult(goal, a / b, Text($"{a / Mega:0} MB / {b / Mega:0} MB, each in a process of its own"))
            : new GoalResult(goal, null, "this system does not say");
    }

    private static GoalResult Growth(MeasureOptions options, ReplayPair pair)
    {
        const int Iterations = 2;
        var model = pair.Model(ModelRole.Rlvr);
        var settings = MeasuredLoop.Of(model.Layers, Iterations);
        var contexts = Sizes
            .Select(size => new ReplayContext(ShapedPrompt.Of(model.Config, size), pair.Model(ModelRole.Base), model))
            .ToList();
        try
        {
            var measured = Medians.Interleave(
                Math.Min(options.Rounds, 3),
                [.. contexts.Select(context => (Func<double>)(() => LoopMeasure.SecondsPerIteration(context, settings)))]);
            double[] seconds = [.. measured.Select(m => Medians.Of(m))];
            return new GoalResult(
                new Goal("exponent of an iteration's time in visual tokens, 64 to 1024", 1.15),
                Medians.Exponent([.. Sizes.Select(size => (double)size)], seconds),
                string.Join(", ", Sizes.Zip(seconds).Select(p => Text($"{p.First}: {p.Second:0.000} s"))));
        }
        finally
        {
            foreach (var context in contexts)
            {
                context.Inputs.Dispose();
                context.Dispose();
            }
        }
    }

    private const double Mega = 1e6;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
