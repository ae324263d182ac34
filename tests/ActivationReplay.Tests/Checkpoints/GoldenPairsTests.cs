using ActivationReplay.Checkpoints;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Checkpoints;

/// <summary>The recorded pairs open, in every layout that they have.</summary>
public sealed class GoldenPairsTests
{
    [TestCaseSource(typeof(Goldens), nameof(Goldens.Pairs))]
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
        var config = ModelConfig.Load(Goldens.CarriedPathOf("pairs", "a", "base"));

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
        var config = ModelConfig.Load(Goldens.CarriedPathOf("pairs", "b", "base"));

        config.StoredType.Should().Be(ScalarType.BFloat16);
        config.Text.Should().BeEquivalentTo(new { HiddenSize = 96, Layers = 8, Heads = 6, TieWordEmbeddings = true });
    }

    [Test]
    public void Load_OfConfigWrittenByTransformers457_ReadsItsKeys()
    {
        var config = ModelConfig.Load(Goldens.CarriedPathOf("pairs", "trained", "base"));

        config.StoredType.Should().Be(ScalarType.BFloat16);
        config.Text.Should().BeEquivalentTo(new { HiddenSize = 192, RopeTheta = 1e4, MropeSection = new[] { 8, 8, 8 } });
        config.Vision.InChannels.Should().Be(3);
    }

    [Test]
    public void Load_OfQwen2Vl_TranslatesItsVisionKeys()
    {
        var config = ModelConfig.Load(Goldens.CarriedPathOf("pairs", "c", "base"));

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
    public void EosTokenIds_AreGenerationConfigs()
    {
        using var checkpoint = Checkpoint.Open(Goldens.CarriedPathOf("pairs", "a", "base"));

        checkpoint.EosTokenIds.Should().Equal(447, 445);
    }

    [Test]
    public void Fingerprint_DiffersBetweenBaseAndRlvr_AndIsTheSameAgain()
    {
        using var pair = CheckpointPair.Open(Goldens.CarriedPathOf("pairs", "a"));
        using var again = Checkpoint.Open(pair.Base.Folder, ScalarType.BFloat16);

        pair.Base.Fingerprint.Should().MatchRegex("^[0-9a-f]{64}$").And.NotBe(pair.Rlvr.Fingerprint);
        again.Fingerprint.Should().Be(pair.Base.Fingerprint);
    }

    /// <summary>Asks for every weight: each has its hub key, the stored shape and the checkpoint's type.</summary>
    internal static void TakeAll(Checkpoint checkpoint)
    {
        checkpoint.Weights.Should().NotBeEmpty();
        foreach (var (key, entry) in checkpoint.Weights)
        {
            key.Should().MatchRegex(@"^(visual\.|model\.(layers|embed_tokens|norm)\.|lm_head\.)");
            var tensor = checkpoint.Get(key, [.. entry.Shape]);
            tensor.shape.Should().Equal(entry.Shape);
            tensor.dtype.Should().Be(checkpoint.Type);
        }
    }
}
