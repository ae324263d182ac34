using ActivationReplay.Checkpoints;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Checkpoints;

/// <summary>A pair as newer libraries save it is the flat one: the same numbers under the same keys.</summary>
public sealed class NewerLayoutTests
{
    private TempFolder _folder = null!;

    private string Base => _folder.PathOf("base");

    [OneTimeSetUp]
    public void WritePair()
    {
        _folder = new TempFolder();
        NewerLayout.WritePair(_folder.Path);
    }

    [OneTimeTearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void Open_GivesEveryWeightUnderItsHubKey()
    {
        using var pair = CheckpointPair.Open(_folder.Path);
        Directory.GetFiles(pair.Base.Folder, "model-*-of-00003.safetensors").Should().HaveCount(3);
        foreach (var checkpoint in new[] { pair.Base, pair.Rlvr })
        {
            GoldenPairsTests.TakeAll(checkpoint);

            checkpoint.EnsureAllUsed();
        }

        pair.Notes.Should().BeEmpty();
    }

    [Test]
    public void Load_GivesTheFlatConfigsNumbers()
    {
        var (flat, newer) = (ModelConfig.Load(Goldens.CarriedPathOf("pairs", "a", "base")), ModelConfig.Load(Base));

        newer.Should().BeEquivalentTo(
            flat with { StoredType = ScalarType.BFloat16, Text = flat.Text with { TieWordEmbeddings = true } });
    }

    [Test]
    public void Get_IsTheFlatWeightRoundedToBfloat16()
    {
        using var flat = Checkpoint.Open(Goldens.CarriedPathOf("pairs", "a", "base"));
        using var newer = Checkpoint.Open(Base);
        newer.Weights.Select(weight => weight.Key).Should().Equal(
            flat.Weights.Select(weight => weight.Key).Where(key => key != TinyCheckpoint.Head));
        foreach (var (key, entry) in newer.Weights)
        {
            using var scope = NewDisposeScope();
            var (wide, narrow) = (flat.Get(key, [.. entry.Shape]), newer.Get(key, [.. entry.Shape]));

            narrow.eq(wide.to(ScalarType.BFloat16)).all().item<bool>().Should().BeTrue("{0} is one weight", key);
        }
    }

    [Test]
    public void Get_WithAnotherType_EqualsTheConversionOfTheStoredOne()
    {
        var folder = _folder.PathOf("rlvr");
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
        using var checkpoint = Checkpoint.Open(Base);

        checkpoint.Get(TinyCheckpoint.Head, 480, 64).Should().BeSameAs(checkpoint.Get(TinyCheckpoint.Embedding, 480, 64));
    }

    [Test]
    public void OpenGetDispose_LeavesNoTensorBehind()
    {
        var before = LiveTensors.Settled();
        foreach (var type in new ScalarType?[] { null, ScalarType.Float32 })
        {
            using var pair = CheckpointPair.Open(_folder.Path, type);
            GoldenPairsTests.TakeAll(pair.Base);
            GoldenPairsTests.TakeAll(pair.Rlvr);
        }

        Tensor.TotalCount.Should().Be(before);
    }

    [Test]
    public void Read_AndReadCopy_GiveTheSame()
    {
        using var file = SafetensorsFile.Open(_folder.PathOf("base", "model-00001-of-00003.safetensors"));
        file.Entries.Should().NotBeEmpty();
        foreach (var name in file.Entries.Keys)
        {
            using var scope = NewDisposeScope();
            file.Read(name).eq(file.ReadCopy(name)).all().item<bool>().Should().BeTrue("{0} is one tensor", name);
        }
    }
}
