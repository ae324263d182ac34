using ActivationReplay.Benchmarks.Counting;
using ActivationReplay.Benchmarks.Reference;
using ActivationReplay.Benchmarks.Workloads;
using ActivationReplay.Inputs;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;
using BenchmarkDotNet.Attributes;

namespace ActivationReplay.Benchmarks.Benchmarks;

/// <summary>The loop for several numbers of visual tokens, layers, K and variants.</summary>
public class OptimisationLoop : LoopBenchmark
{
    public static IEnumerable<LoopCase> Cases => LoopCase.Sweep(Settings.Dtype);

    [ParamsSource(nameof(Cases))]
    public override LoopCase Case { get; set; } = null!;
}

/// <summary>The loop in the other type; a class of its own, since it may take longer than all others.</summary>
public class OptimisationLoopOfOtherType : LoopBenchmark
{
    public static IEnumerable<LoopCase> Cases => [LoopCase.OfOtherType(Settings.Dtype)];

    [ParamsSource(nameof(Cases))]
    public override LoopCase Case { get; set; } = null!;
}

/// <summary>
/// One iteration of the loop for all variants of a batch, against the same variants one after another in the reference's shape.
/// The base recording is there already; the engine's set-up before its iterations is part of the time.
/// </summary>
[IterationCount(3)] // a call takes seconds
[WarmupCount(0)] // the set-up calls twice
public abstract class LoopBenchmark : MeasuredBenchmark
{
    private const int Iterations = 3;
    private readonly IReplayMethod method = ReplayMethods.Get("replay");
    private ModelInputs inputs = null!;
    private ReplayContext context = null!;
    private IReadOnlyList<ReplaySettings> variants = [];
    private Work work;

    public abstract LoopCase Case { get; set; }

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
    public double ReferenceShaped() => Finish(variants.Sum(settings => ReferenceShapedLoop.Run(context, settings).Losses[^1]));

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
        variants = MeasuredLoop.Variants(MeasuredLoop.Of(model.Layers, iterations, Case.Layers, Case.TopK), Case.Variants);
        work = LoopMeasure.WorkOf(context, variants);
    }
}
