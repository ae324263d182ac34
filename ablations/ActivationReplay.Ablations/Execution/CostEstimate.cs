using System.Diagnostics;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using ActivationReplay.Replay;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Execution;

/// <summary>An estimate of the time and disk of a run, from shapes alone.</summary>
/// <param name="Operations">The number of floating-point operations, if all answers reach the limit of new tokens.</param>
/// <param name="DiskBytes">The bytes of journal and tables.</param>
internal sealed record CostEstimate(double Operations, long DiskBytes)
{
    // A journal line and its share of the tables, with an answer of a few hundred characters.
    private const long BytesAnAnswer = 4096;

    /// <summary>The estimate of a configuration on questions of the given sizes.</summary>
    public static CostEstimate Of(RunConfig config, TextConfig text, IReadOnlyCollection<PromptShape> sizes)
    {
        var layer = (2L * text.HiddenSize * (text.HiddenSize + (text.KvHeads * text.HeadSize))) + (3L * text.HiddenSize * text.IntermediateSize);
        var decoder = (layer * text.Layers) + ((long)text.HiddenSize * text.VocabularySize);
        var loops = config.Cells.Select(c => c.Settings).OfType<LoopSettings>().ToList();
        var rows = (double)config.Cells.Count * config.Generation.Samples;
        var operations = sizes.Sum(size =>
            // Forward, and backward to activations: two multiply-adds each a weight and position.
            loops.Sum(s => 4.0 * s.Iterations * Math.Max(1, s.UsedLayers()[^1]) * layer * size.Visual)
            + (2.0 * decoder * ((config.Cells.Count * (double)size.Length) + (rows * config.Generation.MaxNewTokens))));
        return new CostEstimate(operations, config.Answers(sizes.Count) * BytesAnAnswer);
    }

    /// <summary>The measured floating-point operations per second of a matrix product on this machine.</summary>
    public static double Rate(RunConfig config, Device device)
    {
        const long Side = 512;
        const int Repeats = 4;
        using var scope = NewDisposeScope();
        var a = ones([Side, Side], config.Pair.Dtype == "float32" ? ScalarType.Float32 : ScalarType.BFloat16, device);
        Multiply();
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < Repeats; i++)
        {
            Multiply();
        }

        return Repeats * 2.0 * Side * Side * Side / watch.Elapsed.TotalSeconds;

        // Read back, so that a GPU has done it.
        void Multiply() => mm(a, a)[0, 0].to_type(ScalarType.Float32).item<float>();
    }
}
