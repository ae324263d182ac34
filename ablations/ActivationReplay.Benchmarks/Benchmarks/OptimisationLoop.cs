using ActivationReplay.Benchmarks.Counting;
using ActivationReplay.Benchmarks.Reference;
using ActivationReplay.Benchmarks.Workloads;
using ActivationReplay.Models;
using ActivationReplay.Replay;
using BenchmarkDotNet.Attributes;

namespace ActivationReplay.Benchmarks.Benchmarks;

/// <summary>
/// One iteration of the loop for all cells of a batch, against the same cells one after another in the reference's shape.
/// The base recording is there already; the engine's set-up before its iterations is part of the time.
/// </summary>
[IterationCount(3)] // a call takes seconds
public class OptimisationLoop : MeasuredBenchmark
{
    private const int Iterations = 3;
    private readonly IReplayMethod method = ReplayMethods.Get("replay");
    private ModelInputs inputs = null!;
    private ReplayContext context = null!;
    private IReadOnlyList<ReplaySettings> variants = [];
    private Work work;

    public static IEnumerable<LoopCase> Cases => LoopCase.Sweep(Settings.Dtype);

    [ParamsSource(nameof(Cases))]
    public LoopCase Case { get; set; } = null!;

    [GlobalSetup(Target = nameof(Engine))]
    public void SetUpEngine()
    {
        Prepare(Iterations);
        Note(nameof(Engine), work, () => Engine(), Case.Dtype);
    }

    [GlobalSetup(Target = nameof(ReferenceShaped))]
    public void SetUpReference()
    {
        Prepare(iterations: 1);
        Note(nameof(ReferenceShaped), work, () => ReferenceShaped(), Case.Dtype);
    }

    [Benchmark(OperationsPerInvoke = Iterations)]
    public double Engine()
    {
        var prepared = method.PrepareAll(context, variants);
        var loss = prepared[0].Trace!.Losses[^1];
        foreach (var one in prepared)
        {
            one.Dispose();
        }

        return Finish(loss);
    }

    [Benchmark(Baseline = true)]
    public double ReferenceShaped() => variants.Sum(settings => ReferenceShapedLoop.Run(context, settings).Losses[^1]);

    [GlobalCleanup]
    public void CleanUp()
    {
        context.Dispose();
        inputs.Dispose();
    }

    private void Prepare(int iterations)
    {
        var pair = PairCache.Get(Settings with { Dtype = Case.Dtype });
        var model = pair.Model(ModelRole.Rlvr);
        inputs = ShapedPrompt.Of(model.Config, Case.VisualTokens);
        context = new ReplayContext(inputs, pair.Model(ModelRole.Base), model);
        variants = LoopSettings.Variants(LoopSettings.Of(model.Layers, iterations, Case.Layers, Case.Words), Case.Cells);
        work = LoopMeasure.WorkOf(context, variants);
    }
}
