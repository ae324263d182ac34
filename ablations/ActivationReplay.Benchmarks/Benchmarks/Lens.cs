using ActivationReplay.Benchmarks.Counting;
using ActivationReplay.Benchmarks.Workloads;
using ActivationReplay.Lens;
using ActivationReplay.Replay.Recordings;
using BenchmarkDotNet.Attributes;
using static TorchSharp.torch;

namespace ActivationReplay.Benchmarks.Benchmarks;

/// <summary>The logit lens over rows of states: entropy, top tokens, divergence of two models.</summary>
public class Lens : MeasuredBenchmark
{
    private const int Tokens = 50;
    private LogitLens lens = null!;
    private LogitLens other = null!;
    private Tensor states = null!;

    [Params(64, 256, 1024)]
    public int Rows { get; set; }

    [GlobalSetup(Target = nameof(Entropy))]
    public void SetUpEntropy() => SetUp(nameof(Entropy), 1, () => Entropy());

    [GlobalSetup(Target = nameof(TopTokens))]
    public void SetUpTopTokens() => SetUp(nameof(TopTokens), 1, () => TopTokens());

    [GlobalSetup(Target = nameof(Divergence))]
    public void SetUpDivergence() => SetUp(nameof(Divergence), 2, () => Divergence());

    [Benchmark]
    public long Entropy()
    {
        using var scope = NewDisposeScope();
        return Finish(lens.Entropy(states).numel());
    }

    [Benchmark]
    public long TopTokens()
    {
        using var scope = NewDisposeScope();
        return Finish(lens.TopK(states, Tokens).Ids.numel());
    }

    [Benchmark]
    public long Divergence()
    {
        using var scope = NewDisposeScope();
        return Finish(lens.KlDivergence(states, other, states).numel());
    }

    [GlobalCleanup]
    public void CleanUp() => states.Dispose();

    private void SetUp(string method, int heads, Action call)
    {
        var pair = PairCache.Get(Settings);
        var model = pair.Model(ModelRole.Base);
        (lens, other) = (new LogitLens(model), new LogitLens(pair.Model(ModelRole.Rlvr)));
        states = randn([Rows, model.Config.Text.HiddenSize], ScalarType.Float32, Device).to_type(Settings.Type);
        var text = model.Config.Text;
        var one = new Work(
            FlopCount.Head(text, Rows, text.VocabularySize), 0, WeightCount.Head(text) * model.HeadWeight.element_size());
        Note(method, one * heads, call);
    }
}
