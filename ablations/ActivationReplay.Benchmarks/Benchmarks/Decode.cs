using ActivationReplay.Benchmarks.Workloads;
using ActivationReplay.Replay.Recordings;
using BenchmarkDotNet.Attributes;

namespace ActivationReplay.Benchmarks.Benchmarks;

/// <summary>
/// One more token of each of several sequences. The prompt is short, so that its prefill, shared by all sequences, adds
/// little to the time; <c>goals</c> measures decoding alone.
/// </summary>
public class Decode : MeasuredBenchmark
{
    private const int Tokens = 33;
    private const int VisualTokens = 4;
    private GenerationMeasure measure = null!;

    [Params(1, 8, 64)]
    public int Sequences { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        measure = new GenerationMeasure(PairCache.Get(Settings).Model(ModelRole.Rlvr), VisualTokens);
        Note(nameof(Step), measure.DecodeWork(Sequences, Tokens), () => Step());
    }

    [Benchmark(OperationsPerInvoke = Tokens - 1)]
    public int Step() => Finish(measure.Generate(Sequences, Tokens, temperature: Sequences > 1 ? 1 : 0));

    [GlobalCleanup]
    public void CleanUp() => measure.Dispose();
}
