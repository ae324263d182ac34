using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Benchmarks.Counting;
using ActivationReplay.Benchmarks.Workloads;
using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using ActivationReplay.Text;
using ActivationReplay.Vision;
using BenchmarkDotNet.Attributes;

namespace ActivationReplay.Benchmarks.Benchmarks;

/// <summary>A question with one PNG to ids, patches and positions: decoding, resizing, cutting, template, tokens.</summary>
public class Preprocessing : MeasuredBenchmark
{
    private const long TokenPixels = 28 * 28;
    private readonly ChatMessage message = new(
        "user",
        [new ImagePart(MediaFile.FromPath(RepositoryPaths.Find("ablations", "datasets", "counting", "images", "0000.png"))), new TextPart("How many circles are there?")]);

    private Processor processor = null!;

    [Params(64, 256, 1024)]
    public int VisualTokens { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        var folder = Path.Combine(RandomPair.Embedded, "base");
        processor = Processor.Load(folder, ModelConfig.Load(folder));
        using var inputs = processor.Prepare([message], Limits);
        Note(nameof(Prepare), new Work(0, 0, inputs.Pixels!.numel() * sizeof(float)), () => Prepare());
    }

    [Benchmark]
    public int Prepare()
    {
        using var inputs = processor.Prepare([message], Limits);
        return inputs.Length;
    }

    private PixelLimits Limits => new(VisualTokens * TokenPixels, VisualTokens * TokenPixels);
}
