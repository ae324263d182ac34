using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using ActivationReplay.Tests.Vision;
using ActivationReplay.Text;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Checkpoints;

/// <summary>A pair as newer libraries save it is the flat one: the same numbers under the same keys, the same inputs.</summary>
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

    [TestCase("a")]
    [TestCase("c")]
    public void Load_GivesTheFlatConfigsNumbers(string pair)
    {
        using var folder = new TempFolder();
        NewerLayout.WritePair(folder.Path, pair);

        var (flat, newer) = (ModelConfig.Load(Flat(pair)), ModelConfig.Load(folder.PathOf("base")));

        newer.Should().BeEquivalentTo(
            flat with { StoredType = ScalarType.BFloat16, Text = flat.Text with { TieWordEmbeddings = true } });
    }

    // One picture over the checkpoint's largest area, two frames under its smallest, special tokens in the text.
    [TestCase("a")]
    [TestCase("c")]
    public void Prepare_GivesTheFlatFoldersInputs(string pair)
    {
        using var folder = new TempFolder();
        NewerLayout.WritePair(folder.Path, pair);
        var (large, small) = (Picture(900, 700), Picture(30, 40));
        ChatMessage[] messages =
        [
            ChatMessage.User(new ImagePart(large), new VideoPart([small, small], 2), new TextPart("How many?<|im_end|> <tool_call>")),
        ];

        using var flat = Processor.Load(Flat(pair), ModelConfig.Load(Flat(pair))).Prepare(messages);
        using var newer = Processor.Load(folder.PathOf("base"), ModelConfig.Load(folder.PathOf("base"))).Prepare(messages);

        newer.Ids.Should().Equal(flat.Ids);
        newer.Grids.Should().Equal(flat.Grids);
        newer.Positions.Should().BeEquivalentTo(flat.Positions);
        newer.Pixels!.Equals(flat.Pixels!).Should().BeTrue();
    }

    [Test]
    public void Open_OfAPairInTwoLayouts_NotesNoDifferenceOfTheProcessors()
    {
        using var folder = new TempFolder();
        TinyCheckpoint.Make(folder.PathOf("base"));
        TinyCheckpoint.CopyProcessor(folder.PathOf("base"));
        TinyCheckpoint.Make(folder.PathOf("rlvr"));
        NewerLayout.WriteProcessor(folder.PathOf("rlvr"), Flat("a"));

        using var pair = CheckpointPair.Open(folder.Path);

        pair.Notes.Should().BeEmpty();
        pair.RlvrProcessorFolder.Should().Be(folder.PathOf("rlvr"));
    }

    [Test]
    public void EosTokenIds_AreGenerationConfigs()
    {
        using var checkpoint = Checkpoint.Open(Base);

        checkpoint.EosTokenIds.Should().Equal(447, 445);
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

    private static MediaFile Picture(int width, int height) =>
        Pictures.Png(width, height, 8, 2, Pictures.Formula(width, height).Pixels.ToArray());

    private static string Flat(string pair) => Goldens.CarriedPathOf("pairs", pair, "base");
}
