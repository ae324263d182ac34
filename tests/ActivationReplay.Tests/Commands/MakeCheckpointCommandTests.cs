using ActivationReplay.Ablations.Commands;
using ActivationReplay.Benchmarks.Counting;
using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Tests.Checkpoints;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Commands;

/// <summary><c>make-checkpoint</c> on a configuration that ships.</summary>
[NonParallelizable]
public sealed class MakeCheckpointCommandTests
{
    private static readonly string Shapes = Path.Combine(Goldens.Repository, "ablations", "ActivationReplay.Benchmarks", "Shapes");

    [Test]
    public async Task Pair_IsOfOneArchitecture_WithWeightsALittleApart()
    {
        using var folder = new TempFolder();

        (await Run("--config", Path.Combine(Shapes, "tiny", "config.json"), "--out", folder.PathOf("p"), "--pair", "--dtype", "bfloat16"))
            .Should().Be(ExitCode.Success);

        using var pair = CheckpointPair.Open(folder.PathOf("p"));
        using var original = QwenVlModel.Load(pair.Base);
        using var rlvr = QwenVlModel.Load(pair.Rlvr);
        original.Type.Should().Be(ScalarType.BFloat16);
        using var scope = NewDisposeScope();
        var (a, b) = (original.HeadWeight.to_type(ScalarType.Float32), rlvr.HeadWeight.to_type(ScalarType.Float32));
        // 0.02 of movement and a rounding of 2⁻⁹ of each.
        ((b - a).std() / a.std()).item<float>().Should().BeApproximately(0.02f, 0.003f);
        Processor.Load(pair.BaseProcessorFolder, pair.Base.Config).Tokenizer.Encode("<|image_pad|>")
            .Should().Equal(pair.Base.Config.ImageTokenId);
    }

    [TestCase("m", 174_100_480)]
    [TestCase("qwen2.5-vl-3b", 3_754_622_976)]
    [TestCase("qwen2.5-vl-7b", 8_292_166_656)]
    public void Shapes_HaveTheWeightsOfTheModelsThatTheyAreOf(string shape, long weights)
    {
        var config = ModelConfig.Load(Path.Combine(Shapes, shape));

        var decoder = (config.Text.Layers * WeightCount.Layer(config.Text))
            + WeightCount.Head(config.Text);
        var embedding = config.Text.TieWordEmbeddings ? 0.0 : (double)config.Text.VocabularySize * config.Text.HiddenSize;

        (decoder + embedding + WeightCount.Vision(config)).Should().Be(weights);
    }

    private static async Task<int> Run(params string[] arguments)
    {
        var output = Console.Out;
        Console.SetOut(TextWriter.Null);
        try
        {
            return await CommandLine.RunAsync(["make-checkpoint", .. arguments]);
        }
        finally
        {
            Console.SetOut(output);
        }
    }
}
