using ActivationReplay.Checkpoints;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Checkpoints;

/// <summary>The recorded pairs open, in every layout that they have.</summary>
public sealed class GoldenPairsTests
{
    private static readonly string[] s_pairs = ["a", "b", "c", "trained"];

    [TestCaseSource(nameof(s_pairs))]
    public void Open_GivesEveryWeightUnderItsHubKey(string name)
    {
        using var pair = CheckpointPair.Open(Goldens.PathOf("pairs", name));
        foreach (var checkpoint in new[] { pair.Base, pair.Rlvr })
        {
            TakeAll(checkpoint);

            checkpoint.EnsureAllUsed();
        }

        pair.Notes.Should().BeEmpty();
        pair.RlvrProcessorFolder.Should().Be(pair.Rlvr.Folder);
    }

    [Test]
    public void Load_OfFlatConfig_ReadsEveryNumber()
    {
        var config = ModelConfig.Load(Goldens.PathOf("pairs", "a", "base"));

        config.Family.Should().Be(ModelFamily.Qwen25Vl);
        config.StoredType.Should().Be(ScalarType.Float32);
        config.Should().BeEquivalentTo(new { ImageTokenId = 457, VideoTokenId = 458, VisionStartTokenId = 454, VisionEndTokenId = 455 });
        config.Text.Should().BeEquivalentTo(new
        {
            HiddenSize = 64,
            Layers = 6,
            Heads = 4,
            KvHeads = 2,
            HeadSize = 16,
            IntermediateSize = 160,
            VocabularySize = 480,
            RmsNormEpsilon = 1e-6,
            RopeTheta = 1e6,
            MropeSection = new[] { 2, 3, 3 },
            TieWordEmbeddings = false,
            MaxPositions = 128000,
        });
        config.Vision.Should().BeEquivalentTo(new
        {
            Depth = 4,
            HiddenSize = 48,
            IntermediateSize = 100,
            Heads = 4,
            OutHiddenSize = 64,
            InChannels = 3,
            PatchSize = 14,
            SpatialMergeSize = 2,
            TemporalPatchSize = 2,
            WindowSize = 112,
            FullAttentionBlocks = new[] { 1, 3 },
            TokensPerSecond = 2.0,
        });
    }

    [Test]
    public void Load_OfConfigWithTextConfig_ReadsTheNumbersThere()
    {
        var config = ModelConfig.Load(Goldens.PathOf("pairs", "b", "base"));

        config.StoredType.Should().Be(ScalarType.BFloat16);
        config.Text.Should().BeEquivalentTo(new { HiddenSize = 96, Layers = 8, Heads = 6, TieWordEmbeddings = true });
    }

    [Test]
    public void Load_OfQwen2Vl_TranslatesItsVisionKeys()
    {
        var config = ModelConfig.Load(Goldens.PathOf("pairs", "c", "base"));

        config.Family.Should().Be(ModelFamily.Qwen2Vl);
        config.Vision.Should().BeEquivalentTo(new
        {
            HiddenSize = 48,
            IntermediateSize = 192,
            OutHiddenSize = 64,
            WindowSize = 0,
            FullAttentionBlocks = new[] { 0, 1, 2 },
        });
    }

    [Test]
    public void Load_OfRopeTypeDefault_KeepsItsSections()
    {
        var text = ModelConfig.Load(Goldens.PathOf("pairs", "trained", "base")).Text;

        text.MropeSection.Should().Equal(8, 8, 8);
        text.RopeTheta.Should().Be(1e4);
    }

    [TestCase("a", new[] { 447, 445 })]
    [TestCase("trained", new[] { 368 })]
    public void EosTokenIds_AreANumberOrAList(string name, int[] expected)
    {
        using var checkpoint = Checkpoint.Open(Goldens.PathOf("pairs", name, "base"));

        checkpoint.EosTokenIds.Should().Equal(expected);
    }

    [Test]
    public void Get_WithAnotherType_EqualsTheConversionOfTheStoredOne()
    {
        var folder = Goldens.PathOf("pairs", "b", "rlvr");
        using var stored = Checkpoint.Open(folder);
        using var converted = Checkpoint.Open(folder, ScalarType.Float32);
        foreach (var (key, entry) in stored.Weights)
        {
            using var scope = NewDisposeScope();
            var (mapped, wide) = (stored.Get(key, [.. entry.Shape]), converted.Get(key, [.. entry.Shape]));

            mapped.dtype.Should().Be(ScalarType.BFloat16);
            wide.dtype.Should().Be(ScalarType.Float32);
            wide.eq(mapped.to(ScalarType.Float32)).all().item<bool>().Should().BeTrue("{0} is only widened", key);
        }
    }

    [Test]
    public void Get_OfATiedHead_IsTheEmbedding()
    {
        using var checkpoint = Checkpoint.Open(Goldens.PathOf("pairs", "b", "base"));

        checkpoint.Get("lm_head.weight", 480, 96).Should().BeSameAs(checkpoint.Get("model.embed_tokens.weight", 480, 96));
    }

    [Test]
    public void OpenGetDispose_LeavesNoTensorBehind()
    {
        var before = Tensor.TotalCount;
        foreach (var type in new ScalarType?[] { null, ScalarType.Float32 })
        {
            using var pair = CheckpointPair.Open(Goldens.PathOf("pairs", "b"), type);
            TakeAll(pair.Base);
            TakeAll(pair.Rlvr);
        }

        Tensor.TotalCount.Should().Be(before);
    }

    [Test]
    public void Fingerprint_DiffersBetweenBaseAndRlvr_AndIsTheSameAgain()
    {
        using var pair = CheckpointPair.Open(Goldens.PathOf("pairs", "a"));
        using var again = Checkpoint.Open(pair.Base.Folder, ScalarType.BFloat16);

        pair.Base.Fingerprint.Should().MatchRegex("^[0-9a-f]{64}$").And.NotBe(pair.Rlvr.Fingerprint);
        again.Fingerprint.Should().Be(pair.Base.Fingerprint);
    }

    private static void TakeAll(Checkpoint checkpoint)
    {
        foreach (var (key, entry) in checkpoint.Weights)
        {
            key.Should().MatchRegex(@"^(visual\.|model\.(layers|embed_tokens|norm)\.|lm_head\.)");
            var tensor = checkpoint.Get(key, [.. entry.Shape]);
            tensor.shape.Should().Equal(entry.Shape);
            tensor.dtype.Should().Be(checkpoint.Type);
        }
    }
}
