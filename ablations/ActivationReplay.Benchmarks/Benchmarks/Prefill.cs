using ActivationReplay.Benchmarks.Workloads;
using ActivationReplay.Replay.Recordings;
using BenchmarkDotNet.Attributes;

namespace ActivationReplay.Benchmarks.Benchmarks;

/// <summary>The way of a prompt to its first token, without and with the vision tower.</summary>
public class Prefill : MeasuredBenchmark
{
    private GenerationMeasure measure = null!;

    [Params(64, 256, 1024)]
    public int VisualTokens { get; set; }

    [GlobalSetup(Target = nameof(Encode))]
    public void SetUpEncode()
    {
        Open();
        Note(nameof(Encode), measure.VisionWork, () => Encode());
    }

    [GlobalSetup(Target = nameof(FirstToken))]
    public void SetUpFirstToken()
    {
        Open();
        Note(nameof(FirstToken), measure.PrefillWork, () => FirstToken());
    }

    [Benchmark]
    public long Encode() => Finish(measure.Encode());

    [Benchmark]
    public int FirstToken() => Finish(measure.Generate(samples: 1, tokens: 1));

    [GlobalCleanup]
    public void CleanUp() => measure.Dispose();

    private void Open() => measure = new GenerationMeasure(PairCache.Get(Settings).Model(ModelRole.Rlvr), VisualTokens);
}
