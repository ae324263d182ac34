using System.Globalization;
using ActivationReplay.Benchmarks.Rates;
using ActivationReplay.Benchmarks.Reference;
using ActivationReplay.Benchmarks.Workloads;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Benchmarks.Gpu;

/// <summary>
/// The loop: the engine's, or in the reference's shape. Each is measured in a process of its own, since libtorch keeps what it has
/// taken of a GPU's memory.
/// </summary>
internal static class LoopPart
{
    /// <summary>Measures the engine's loop, and the rates of the device in the same process.</summary>
    public static IEnumerable<GpuMeasure> Engine(MeasureOptions options, GpuWork work)
    {
        var method = ReplayMethods.Get("replay");
        using var models = new RandomModels(options);
        var (original, rlvr) = (models.Make(isBase: true), models.Make(isBase: false));
        using var inputs = ShapedPrompt.Of(models.Config, work.VisualTokens);
        using var context = new ReplayContext(inputs, original, rlvr);
        var few = work.Settings(rlvr.Layers, iterations: 1);
        // The first of all, in memory that nothing has used: the recording of the base model is in it.
        var peak = PeakMemory.Extra(rlvr.Device, () => Prepare(few with { Iterations = 2 }));
        yield return new GpuMeasure("loop memory", peak, "bytes", "beside the weights; vision, the base model's recording and two steps");

        var all = few with { Iterations = work.Iterations + 1 };
        var seconds = Medians.Interleave(
            options.Rounds,
            () => DeviceClock.Seconds(rlvr.Device, () => Prepare(all)) - DeviceClock.Seconds(rlvr.Device, () => Prepare(few)),
            () => DeviceClock.Seconds(rlvr.Device, () => Prepare(few)));
        var loop = Medians.Of(seconds[0]);
        var selected = LoopMeasure.SelectedOf(context, few);
        yield return new GpuMeasure("loop", loop, "seconds", Text($"{work.Iterations} iterations, {work.VisualTokens} visual tokens, {few.Layers.Count} layers, {selected} selected positions, {options.Dtype}; {options.Rounds} rounds of {work.Iterations + 1} less one of 1"));
        yield return new GpuMeasure("loop iteration", loop / work.Iterations, "seconds");
        yield return new GpuMeasure("loop set-up and one iteration", Medians.Of(seconds[1]), "seconds", "the recording is there");

        using var rates = new MachineRates(options.Type, rlvr.Device);
        var (product, copy) = (rates.ProductRate(), rates.CopyRate());
        var needed = LoopMeasure.WorkOf(context, [few]);
        yield return new GpuMeasure("product rate", product, "FLOP/s", Text($"{rates.Side}³, {options.Dtype}"));
        yield return new GpuMeasure("copy rate", copy, "bytes/s", "read and written");
        yield return new GpuMeasure("loop iteration floor", Math.Max(needed.Flop / product, needed.Bytes / copy), "seconds", Text($"{needed.Flop / 1e9:0} GFLOP, {needed.Bytes / 1e6:0} MB"));
        yield return new GpuMeasure("loop iteration, last layer's loss alone", LoopMeasure.SecondsPerIteration(context, all with { Layers = [all.Layers[^1]] }), "seconds");

        void Prepare(Replay.ReplaySettings settings) => method.Prepare(context, settings).Dispose();
    }

    /// <summary>Measures the loop in the reference's shape.</summary>
    public static IEnumerable<GpuMeasure> Reference(MeasureOptions options, GpuWork work)
    {
        using var models = new RandomModels(options);
        var (original, rlvr) = (models.Make(isBase: true), models.Make(isBase: false));
        using var inputs = ShapedPrompt.Of(models.Config, work.VisualTokens);
        using var context = new ReplayContext(inputs, original, rlvr);
        var settings = work.Settings(rlvr.Layers, iterations: 2);
        var peak = PeakMemory.Extra(rlvr.Device, () => ReferenceShapedLoop.Run(context, settings));
        yield return new GpuMeasure("reference-shaped loop memory", peak, "bytes", "as the engine's");
        var run = Enumerable.Range(0, options.Rounds).Select(_ => ReferenceShapedLoop.Run(context, settings).Seconds / settings.Iterations);
        yield return new GpuMeasure("reference-shaped iteration", Medians.Of([.. run]), "seconds", "the vision tower and all layers over all positions in each");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
