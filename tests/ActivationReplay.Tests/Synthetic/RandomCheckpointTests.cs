using ActivationReplay.Checkpoints;
using ActivationReplay.Models;
using ActivationReplay.Synthetic;
using ActivationReplay.Tests.Checkpoints;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Synthetic;

public sealed class RandomCheckpointTests
{
    private TempFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => folder.Dispose();

    [TestCaseSource(typeof(Goldens), nameof(Goldens.Pairs))]
    public void Write_OfAnyConfiguration_LoadsWithEveryWeightUsed(string pair)
    {
        Random(pair).Write(folder.PathOf("x"));

        using var checkpoint = Checkpoint.Open(folder.PathOf("x"));
        using var model = QwenVlModel.Load(checkpoint);
        var shapes = model.parameters().Select(p => p.isfinite().all().item<bool>());
        shapes.Should().NotBeEmpty().And.OnlyContain(finite => finite);
    }

    [Test]
    public void Write_OfOneSeed_GivesTheSameBytes_AndOfAnotherOthers()
    {
        Random("a").Write(folder.PathOf("x"));
        Random("a").Write(folder.PathOf("y"));
        Random("a", seed: 2).Write(folder.PathOf("z"));

        Bytes("y").Should().Equal(Bytes("x"));
        Bytes("z").Should().NotEqual(Bytes("x"));
    }

    [Test]
    public void Write_InShards_GivesTheSameWeights()
    {
        Random("a").Write(folder.PathOf("one"));
        Random("a", shardBytes: 20_000).Write(folder.PathOf("many"));

        using var one = Checkpoint.Open(folder.PathOf("one"));
        using var many = Checkpoint.Open(folder.PathOf("many"));
        using var expected = QwenVlModel.Load(one);
        using var model = QwenVlModel.Load(many);
        Directory.GetFiles(folder.PathOf("many"), "model-*.safetensors").Should().HaveCountGreaterThan(2);
        model.parameters().Zip(expected.parameters()).Should().OnlyContain(p => p.First.Equals(p.Second));
    }

    [Test]
    public void Weights_HaveTheStatedDeviations()
    {
        var config = Models.Tiny.Config();
        config = config with { Text = config.Text with { HiddenSize = 256, VocabularySize = 2000 } };
        using var weights = new RandomWeights(config, 1, ScalarType.Float32);

        // 2 % is four standard errors of the deviation of 20 000 numbers.
        Deviation("model.embed_tokens.weight", 2000, 256).Should().BeApproximately(1, 0.02);
        Deviation("lm_head.weight", 2000, 256).Should().BeApproximately(4 / 16.0, 0.02 / 4);
        Deviation("model.layers.0.mlp.down_proj.weight", 200, 100).Should().BeApproximately(0.1, 0.002);
        Deviation("visual.patch_embed.proj.weight", 100, 3, 2, 14, 14).Should().BeApproximately(1 / Math.Sqrt(1176), 0.02 / Math.Sqrt(1176));
        weights.Get("model.norm.weight", 3).data<float>().ToArray().Should().Equal(1, 1, 1);
        weights.Get("model.layers.0.self_attn.q_proj.bias", 2).data<float>().ToArray().Should().Equal(0, 0);

        double Deviation(string key, params long[] shape)
        {
            using var weight = weights.Draw(key, shape);
            weight.mean().item<float>().Should().BeApproximately(0, 0.05f * weight.std().item<float>());
            return weight.std().item<float>();
        }
    }

    [Test]
    public void Moved_IsThatShareOfTheDeviationAway()
    {
        using var scope = NewDisposeScope();
        var config = Models.Tiny.Config();
        using var original = new RandomWeights(config, 1, ScalarType.Float32);
        using var moved = new RandomWeights(config, 1, ScalarType.Float32, perturbation: 0.1);

        var before = original.Get("model.layers.0.mlp.up_proj.weight", 300, 100);
        var difference = moved.Get("model.layers.0.mlp.up_proj.weight", 300, 100) - before;

        (difference.std() / before.std()).item<float>().Should().BeApproximately(0.1f, 0.002f);
        moved.Get("model.norm.weight", 3).Equals(original.Get("model.norm.weight", 3)).Should().BeTrue();
    }

    [Test]
    public void TiedHead_IsTheEmbeddingWithTheHeadsVariance()
    {
        var config = Models.Tiny.Config();
        config = config with { Text = config.Text with { TieWordEmbeddings = true } };
        using var weights = new RandomWeights(config, 1, ScalarType.Float32);

        var embedding = weights.Get("model.embed_tokens.weight", 2000, 32);

        weights.Get("lm_head.weight", 2000, 32).Should().BeSameAs(embedding);
        embedding.std().item<float>().Should().BeApproximately(4 / MathF.Sqrt(32), 0.02f);
    }

    [Test]
    public void Write_TakesSpecialIdsFromTheTokenizer()
    {
        var path = folder.PathOf("config.json");
        var config = TinyCheckpoint.Config();
        var right = config["image_token_id"]!.GetValue<int>();
        config["image_token_id"] = 1;
        File.WriteAllText(path, config.ToJsonString());

        new RandomCheckpoint(path, Path.GetDirectoryName(ConfigOf("a"))).Write(folder.PathOf("x"));

        ModelConfig.Load(folder.PathOf("x")).ImageTokenId.Should().Be(right);
    }

    [Test]
    public void Write_ThatFails_LeavesNothing()
    {
        FluentActions.Invoking(() => new RandomCheckpoint(folder.PathOf("none.json"), null).Write(folder.PathOf("x")))
            .Should().Throw<CheckpointException>().WithMessage("*none.json*");

        Directory.EnumerateFileSystemEntries(folder.Path).Should().BeEmpty();
    }

    [Test]
    public void Write_IntoAFolderWithFiles_IsRefused()
    {
        File.WriteAllText(folder.PathOf("x"), "");

        FluentActions.Invoking(() => Random("a").Write(folder.Path)).Should().Throw<CheckpointException>().WithMessage("*not empty*");
    }

    [Test]
    public void Writer_OfATensorThatIsNotAsAnnounced_NamesIt()
    {
        var plan = new TensorPlan("w", ScalarType.Float32, [2, 3], () => zeros(3, 2));

        FluentActions.Invoking(() => SafetensorsWriter.Write(folder.PathOf("x.safetensors"), [plan]))
            .Should().Throw<InvalidOperationException>().WithMessage("*w *[2, 3]*[3, 2]*");
        File.Exists(folder.PathOf("x.safetensors")).Should().BeFalse();
    }

    private static RandomCheckpoint Random(string pair, ulong seed = 1, long shardBytes = 5_000_000_000) =>
        new(ConfigOf(pair), Path.GetDirectoryName(ConfigOf(pair)))
        {
            Seed = seed,
            ShardBytes = shardBytes,
        };

    private static string ConfigOf(string pair) => Goldens.PathOf("pairs", pair, "base", "config.json");

    private byte[] Bytes(string name) => File.ReadAllBytes(folder.PathOf(name, "model.safetensors"));
}
