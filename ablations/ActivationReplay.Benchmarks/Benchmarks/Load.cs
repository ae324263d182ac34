using ActivationReplay.Benchmarks.Counting;
using ActivationReplay.Benchmarks.Workloads;
using BenchmarkDotNet.Attributes;

namespace ActivationReplay.Benchmarks.Benchmarks;

/// <summary>A checkpoint from its file to usable weights, against reading the file. The file is in the system's cache.</summary>
public class Load : MeasuredBenchmark
{
    private CheckpointFile file = null!;

    [GlobalSetup(Target = nameof(ReadFile))]
    public void SetUpRead() => SetUp(nameof(ReadFile), () => ReadFile());

    [GlobalSetup(Target = nameof(LoadWeights))]
    public void SetUpLoad() => SetUp(nameof(LoadWeights), () => LoadWeights());

    [Benchmark(Baseline = true)]
    public long ReadFile() => file.Read();

    [Benchmark]
    public double LoadWeights() => Finish(file.Load(Device));

    private void SetUp(string method, Action call)
    {
        file = new CheckpointFile(Path.Combine(RandomPair.Ensure(Settings), "base"));
        Note(method, new Work(0, 0, file.Bytes), call);
    }
}
