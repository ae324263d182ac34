using ActivationReplay.Checkpoints;
using FluentAssertions;
using FluentAssertions.Specialized;
using NUnit.Framework;
using static ActivationReplay.Tests.Checkpoints.TinyCheckpoint;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Checkpoints;

public sealed class CheckpointTests
{
    private const string Index = "model.safetensors.index.json";
    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void Get_WithAnotherShape_NamesBoth()
    {
        using var checkpoint = Checkpoint.Open(Make(_folder.Path));

        Error(() => checkpoint.Get(Norm, 32)).WithMessage("*model.safetensors: tensor model.norm.weight: has shape [64]*needs [32]")
            .Which.Tensor.Should().Be(Norm);
    }

    [Test]
    public void Get_OfAMissingKey_NamesItAndTheShape()
    {
        using var checkpoint = Checkpoint.Open(Make(_folder.Path));

        Error(() => checkpoint.Get("visual.merger.mlp.0.bias", 192)).WithMessage(
            $"{_folder.Path}: tensor visual.merger.mlp.0.bias: is missing*[192]");
    }

    [Test]
    public void Get_OfAnUntiedHeadThatIsMissing_NamesIt()
    {
        using var checkpoint = Checkpoint.Open(Make(_folder.Path));

        Error(() => checkpoint.Get(Head, 480, 64)).Which.Tensor.Should().Be(Head);
    }

    [Test]
    public void Get_OfATensorOfWholeNumbers_NamesTheTypesThatWeightsHave()
    {
        Make(_folder.Path);
        WriteTyped(("x", ScalarType.Int8));
        using var checkpoint = Checkpoint.Open(_folder.Path);

        Error(() => checkpoint.Get("x", 2)).WithMessage("*tensor x: is I8*F32, F16 or BF16");
    }

    [Test]
    public void Get_WhereTypesAreMixed_GivesTheEmbeddings()
    {
        Make(_folder.Path);
        WriteTyped((Embedding, ScalarType.BFloat16), ("x", ScalarType.Float32), ("y", ScalarType.Float16));
        using var checkpoint = Checkpoint.Open(_folder.Path);

        new[] { Embedding, "x", "y" }.Select(key => checkpoint.Get(key, 2).dtype).Should().AllBeEquivalentTo(ScalarType.BFloat16);
    }

    [TestCase(ScalarType.Float16)]
    [TestCase(ScalarType.BFloat16)]
    [TestCase(ScalarType.Float32)]
    public void Get_OfHalfPrecision_IsWidenedWhereAsked(ScalarType stored)
    {
        Make(_folder.Path);
        WriteTyped(("x", stored));
        using var checkpoint = Checkpoint.Open(_folder.Path, ScalarType.Float32);

        checkpoint.Get("x", 2).data<float>().ToArray().Should().Equal(1, 1);
    }

    [Test]
    public void Get_InsideADisposeScope_OutlivesIt()
    {
        using var checkpoint = Checkpoint.Open(Make(_folder.Path));
        Tensor norm;
        using (NewDisposeScope())
        {
            norm = checkpoint.Get(Norm, 64);
        }

        norm.sum().item<float>().Should().Be(64);
    }

    [Test]
    public void Get_AfterItsTensorWasDisposed_GivesAFreshOne()
    {
        using var checkpoint = Checkpoint.Open(Make(_folder.Path));
        checkpoint.Get(Norm, 64).Dispose();

        checkpoint.Get(Norm, 64).sum().item<float>().Should().Be(64);
    }

    [Test]
    public void Get_OfATiedHeadThatIsStored_IsTheEmbeddingAllTheSame()
    {
        Make(_folder.Path, config => config["tie_word_embeddings"] = true, (Embedding, [480, 64]), (Head, [480, 64]));
        using var checkpoint = Checkpoint.Open(_folder.Path);

        checkpoint.Get(Head, 480, 64).Should().BeSameAs(checkpoint.Get(Embedding, 480, 64));
        checkpoint.EnsureAllUsed();
    }

    [Test]
    public void EnsureAllUsed_WithAnUnexpectedKey_NamesItAsStored()
    {
        Make(_folder.Path, null, (Embedding, [480, 64]), ("model.language_model.layers.99.extra", [2]), ("model.visual.odd", [2]));
        using var checkpoint = Checkpoint.Open(_folder.Path);
        checkpoint.Get(Embedding, 480, 64);

        Error(checkpoint.EnsureAllUsed).WithMessage("*model.safetensors: tensor model.language_model.layers.99.extra: is unexpected*2 weights*");
    }

    [Test]
    public void EnsureAllUsed_IgnoresRotaryConstants()
    {
        Make(_folder.Path, null, (Embedding, [480, 64]), ("model.layers.0.self_attn.rotary_emb.inv_freq", [8]));
        using var checkpoint = Checkpoint.Open(_folder.Path);
        checkpoint.Get(Embedding, 480, 64);

        checkpoint.EnsureAllUsed();
    }

    [Test]
    public void Open_WithOneWeightUnderTwoNames_NamesBoth()
    {
        Make(_folder.Path, null, ("visual.x", [2]), ("model.visual.x", [2]));

        OpenError().WithMessage("*visual.x*same weight*visual.x*once");
    }

    [Test]
    public void Open_OfAMissingFolder_SaysSo() =>
        Error(() => Checkpoint.Open(_folder.PathOf("none"))).WithMessage("*none: there is no such folder*");

    [Test]
    public void Open_WithoutWeights_SaysWhatBelongsThere()
    {
        File.Delete(Path.Combine(Make(_folder.Path), "model.safetensors"));

        OpenError().WithMessage($"{_folder.Path}: has no weights*model.safetensors*");
    }

    [TestCase("pytorch_model.bin")]
    [TestCase("pytorch_model-00001-of-00002.bin")]
    [TestCase("model.pt")]
    public void Open_WithPicklesAlone_RefusesThemByName(string name)
    {
        File.Move(Path.Combine(Make(_folder.Path), "model.safetensors"), _folder.PathOf(name));

        OpenError().WithMessage($"*{name}: is a pickle*convert*model.safetensors*").Which.Path.Should().EndWith(name);
    }

    [Test]
    public void Open_OfAPickleUnderTheRightName_RefusesIt()
    {
        File.WriteAllBytes(Path.Combine(Make(_folder.Path), "model.safetensors"), "PK\u0003\u0004 and so on"u8.ToArray());

        OpenError().WithMessage("*model.safetensors: is a pickle*");
    }

    [Test]
    public void Open_WithAShardThatIsNotThere_NamesIt()
    {
        MakeIndex("""{"weight_map":{"model.norm.weight":"model-00001-of-00002.safetensors","x":"model-00002-of-00002.safetensors"}}""");
        Write(_folder.PathOf("model-00001-of-00002.safetensors"), (Norm, [64]));

        OpenError().WithMessage($"*{Index}: tensor x*model-00002-of-00002.safetensors*not in the folder");
    }

    [Test]
    public void Open_WithATensorThatItsShardLacks_NamesBoth()
    {
        MakeIndex("""{"weight_map":{"model.norm.weight":"one.safetensors","x":"one.safetensors"}}""");
        Write(_folder.PathOf("one.safetensors"), (Norm, [64]));

        OpenError().WithMessage($"*one.safetensors: tensor x: the file has no such tensor*{Index}*");
    }

    [TestCase("../x.safetensors")]
    [TestCase("..\\\\x.safetensors")]
    [TestCase("/etc/x.safetensors")]
    [TestCase("C:x.safetensors")]
    [TestCase("sub/x.safetensors")]
    [TestCase("..")]
    [TestCase("")]
    public void Open_WithAShardOutsideTheFolder_Refuses(string shard)
    {
        MakeIndex("""{"weight_map":{"x":"SHARD"}}""".Replace("SHARD", shard, StringComparison.Ordinal));

        OpenError().WithMessage($"*{Index}: tensor x: its file is *plain name*");
    }

    [TestCase("""{"weight_map":{"x":"pytorch_model.bin"}}""", "pytorch_model.bin: is a pickle")]
    [TestCase("""{"weight_map":{"x":7}}""", "tensor x: its file is")]
    [TestCase("""{"weight_map":{}}""", "weight_map must be an object that names")]
    [TestCase("""{"weight_map":[]}""", "weight_map must be an object that names")]
    [TestCase("""{}""", "weight_map must be an object that names")]
    [TestCase("""{"weight_map":{"x":"a.safetensors","x":"b.safetensors"}}""", "not valid JSON*'x'")]
    [TestCase("""{"weight_map":""", "not valid JSON")]
    public void Open_WithADamagedIndex_SaysWhatIsWrong(string index, string message)
    {
        MakeIndex(index);

        OpenError().WithMessage($"*{message}*");
    }

    [TestCase("""{"eos_token_id": -1}""")]
    [TestCase("""{"eos_token_id": 480}""")]
    [TestCase("""{"eos_token_id": [447, "x"]}""")]
    public void Open_WithImpossibleEosIds_NamesFileAndKey(string generation)
    {
        Make(_folder.Path);
        File.WriteAllText(_folder.PathOf("generation_config.json"), generation);

        OpenError().WithMessage("*generation_config.json: eos_token_id is*");
    }

    [Test]
    public void EosTokenIds_OfOneNumber_AreThatOne()
    {
        Make(_folder.Path);
        File.WriteAllText(_folder.PathOf("generation_config.json"), """{"eos_token_id": 445}""");
        using var checkpoint = Checkpoint.Open(_folder.Path);

        checkpoint.EosTokenIds.Should().Equal(445);
    }

    [Test]
    public void EosTokenIds_WithoutGenerationConfig_AreTheConfigs()
    {
        using var checkpoint = Checkpoint.Open(Make(_folder.Path));

        checkpoint.EosTokenIds.Should().Equal(447);
    }

    [Test]
    public void Open_WithATypeThatWeightsCannotHave_IsRefused() =>
        FluentActions.Invoking(() => Checkpoint.Open(Make(_folder.Path), ScalarType.Int32)).Should().Throw<ArgumentException>();

    [Test]
    public void Fingerprint_ChangesWithOneByteOfTheWeights()
    {
        string Fingerprint()
        {
            using var checkpoint = Checkpoint.Open(_folder.Path);
            return checkpoint.Fingerprint;
        }

        var path = Path.Combine(Make(_folder.Path), "model.safetensors");
        var before = Fingerprint();
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);

        Fingerprint().Should().NotBe(before);
    }

    [Test]
    public void ProcessorFile_StaysInTheFolder()
    {
        using var checkpoint = Checkpoint.Open(Make(_folder.PathOf("inner")));
        File.WriteAllText(_folder.PathOf("secret.json"), "{}");

        checkpoint.ProcessorFile("../secret.json").Should().BeNull();
        checkpoint.ProcessorFile("config.json").Should().Be(_folder.PathOf("inner", "config.json"));
    }

    [Test]
    public void FailedOpen_LeavesNoFileOpen()
    {
        Make(_folder.Path, null, ("visual.x", [2]), ("model.visual.x", [2]));
        OpenError();

        FluentActions.Invoking(() => File.Open(_folder.PathOf("model.safetensors"), FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose())
            .Should().NotThrow();
    }

    private ExceptionAssertions<CheckpointException> OpenError() => Error(() => Checkpoint.Open(_folder.Path));

    private static ExceptionAssertions<CheckpointException> Error(Action action) =>
        action.Should().ThrowExactly<CheckpointException>();

    private void MakeIndex(string index)
    {
        File.Delete(Path.Combine(Make(_folder.Path), "model.safetensors"));
        File.WriteAllText(_folder.PathOf(Index), index);
    }

    private void WriteTyped(params (string Name, ScalarType Type)[] weights)
    {
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(
            _folder.PathOf("model.safetensors"), weights.ToDictionary(weight => weight.Name, weight => ones(2, weight.Type)));
    }
}
