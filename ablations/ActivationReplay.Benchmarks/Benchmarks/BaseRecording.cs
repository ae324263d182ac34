using ActivationReplay.Benchmarks.Counting;
using ActivationReplay.Benchmarks.Workloads;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Replay.Recordings;
using BenchmarkDotNet.Attributes;

namespace ActivationReplay.Benchmarks.Benchmarks;

/// <summary>States and lens entropies of the base model, once a sample; the vision tower's pass before it is not in it.</summary>
public class BaseRecording : MeasuredBenchmark
{
    private ModelInputs inputs = null!;
    private EncodedPrompt prompt = null!;
    private int states;

    [Params(64, 256, 1024)]
    public int VisualTokens { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        var model = PairCache.Get(Settings).Model(ModelRole.Base);
        inputs = ShapedPrompt.Of(model.Config, VisualTokens);
        prompt = EncodedPrompt.Encode(model, inputs);
        states = Math.Min(MeasuredLoop.Layers, model.Layers);
        var text = model.Config.Text;
        var flop = FlopCount.Decoder(text, states - 1, inputs.VisualPositions[^1] + 1)
            + FlopCount.Head(text, (double)states * VisualTokens, text.VocabularySize);
        var weights = ((states - 1) * WeightCount.Layer(text)) + WeightCount.Head(text);
        Note(nameof(Record), new Work(flop, 0, weights * model.HeadWeight.element_size()), () => Record());
    }

    [Benchmark]
    public long Record()
    {
        using var recording = Recording.Record(prompt, states, allPositions: false);
        return Finish(recording.Bytes);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        prompt.Dispose();
        inputs.Dispose();
    }
}
