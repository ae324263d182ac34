using System.Globalization;
using ActivationReplay.Benchmarks.Rates;
using ActivationReplay.Benchmarks.Workloads;
using ActivationReplay.Models;
using ActivationReplay.Native;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Benchmarks.Gpu;

/// <summary>
/// Where the time of one loop iteration and of one decoded token goes: seconds and launches by part of the work and kind of
/// operation. The device is waited for after each operation, so that the parts add up to more than an iteration takes unobserved,
/// which is measured, too.
/// </summary>
internal static class ProfilePart
{
    private const int Steps = 4;
    private const int Rounds = 3;

    public static IEnumerable<GpuMeasure> Measure(MeasureOptions options, GpuWork work)
    {
        if (!OperationRecorder.IsAvailable)
        {
            throw new NotSupportedException("gpu profile: this libtorch has no at::RecordFunction in the form of libtorch 2.x for Linux.");
        }

        using var models = new RandomModels(options);
        var (original, rlvr) = (models.Make(isBase: true), models.Make(isBase: false));
        using var inputs = ShapedPrompt.Of(models.Config, work.VisualTokens);
        using var context = new ReplayContext(inputs, original, rlvr);
        var method = ReplayMethods.Get("replay");
        var iteration = Of(
            "loop iteration",
            rlvr,
            n => method.Prepare(context, work.Settings(rlvr.Layers, n)).Dispose(),
            () => LoopMeasure.SecondsPerIteration(context, work.Settings(rlvr.Layers, 1 + Steps)));
        foreach (var measure in iteration)
        {
            yield return measure;
        }

        using var generation = new GenerationMeasure(rlvr, work.VisualTokens);
        foreach (var measure in Of("decoded token", rlvr, n => generation.Generate(samples: 1, tokens: n), () => generation.SecondsPerStep(samples: 1, 1 + Steps)))
        {
            yield return measure;
        }
    }

    // What a step takes is what more steps take beyond one.
    private static IEnumerable<GpuMeasure> Of(string what, QwenVlModel model, Action<int> run, Func<double> unobserved)
    {
        var whole = Medians.Interleave(Rounds, unobserved)[0];
        var (one, more) = (Record(1), Record(1 + Steps));
        yield return new GpuMeasure($"{what}, unobserved", Medians.Of(whole), "seconds", Text($"of {Steps + 1}; {Rounds} rounds"));
        yield return new GpuMeasure($"{what}, launches", Step(more.Values.Sum(s => s.Launches), one.Values.Sum(s => s.Launches)), "launches", Text($"{model.Layers} layers of the model"));
        yield return new GpuMeasure($"{what}, waits", Step(more.Values.Sum(s => s.Transfers), one.Values.Sum(s => s.Transfers)), "waits and transfers");
        var kinds = more.Keys.Select(key => (Key: key, Seconds: Of(key, s => s.Seconds), Launches: Of(key, s => s.Launches))).OrderByDescending(k => k.Seconds).ToList();
        var all = kinds.Sum(k => k.Seconds);
        foreach (var (key, seconds, launches) in kinds.Where(k => k.Seconds > 0 || k.Launches > 0))
        {
            yield return new GpuMeasure($"{what}: {key}", seconds, "seconds", Text($"{100 * seconds / all:0.0} %, {launches:0.#} launches"));
        }

        double Of(string key, Func<OperationSum, double> value) => Step(value(more[key]), one.TryGetValue(key, out var first) ? value(first) : 0);

        Dictionary<string, OperationSum> Record(int steps)
        {
            using var recorder = new OperationRecorder(model.Device);
            run(steps);
            return recorder.Operations.GroupBy(Name).ToDictionary(
                g => g.Key, g => new OperationSum(g.Sum(o => o.Seconds), g.Sum(o => o.Launches), g.Sum(o => o.Transfers)));
        }
    }

    private static double Step(double more, double one) => (more - one) / Steps;

    private static string Name(OperationCount operation) => string.Join(
        ", ",
        new[] { operation.Part, operation.Name.Length == 0 ? "C# kernels and calls" : OperationRules.Kind(operation.Name) }.Where(t => t.Length > 0));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private readonly record struct OperationSum(double Seconds, long Launches, long Transfers);
}
