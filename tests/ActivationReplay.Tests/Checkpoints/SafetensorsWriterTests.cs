using ActivationReplay.Checkpoints;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Checkpoints;

public sealed class SafetensorsWriterTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [TestCaseSource(typeof(Goldens), nameof(Goldens.Pairs))]
    public void Write_OfWhatHuggingFaceWrote_GivesTheSameBytes(string pair)
    {
        var folder = Goldens.PathOf("pairs", pair, "base");
        var source = Directory.GetFiles(folder, "*.safetensors").Max(StringComparer.Ordinal)!;
        var target = _folder.PathOf("copy.safetensors");
        using (var file = SafetensorsFile.Open(source))
        using (NewDisposeScope())
        {
            SafetensorsWriter.Write(target, file.Entries.Keys.Reverse().ToDictionary(key => key, file.Read), file.Metadata);
        }

        File.ReadAllBytes(target).AsSpan().SequenceEqual(File.ReadAllBytes(source)).Should().BeTrue();
    }

    [TestCase(ScalarType.Bool)]
    [TestCase(ScalarType.Byte)]
    [TestCase(ScalarType.Int8)]
    [TestCase(ScalarType.Int16)]
    [TestCase(ScalarType.Int32)]
    [TestCase(ScalarType.Int64)]
    [TestCase(ScalarType.Float16)]
    [TestCase(ScalarType.BFloat16)]
    [TestCase(ScalarType.Float32)]
    [TestCase(ScalarType.Float64)]
    public void WriteThenRead_KeepsTypeShapeAndValues(ScalarType type)
    {
        var before = LiveTensors.Settled();
        using (NewDisposeScope())
        {
            var tensor = arange(24, ScalarType.Float32).sub(12).to(type).view(2, 3, 4);
            var path = _folder.PathOf("x.safetensors");
            SafetensorsWriter.Write(path, new Dictionary<string, Tensor> { ["x"] = tensor, ["scalar"] = ones([], type) });
            using var file = SafetensorsFile.Open(path);
            var read = file.Read("x");

            read.dtype.Should().Be(type);
            read.shape.Should().Equal(2, 3, 4);
            read.eq(tensor).all().item<bool>().Should().BeTrue();
            file.Read("scalar").shape.Should().BeEmpty();
        }

        Tensor.TotalCount.Should().Be(before);
    }

    [Test]
    public void Write_OfViews_WritesWhatTheyShow()
    {
        using var scope = NewDisposeScope();
        var tensor = arange(6, ScalarType.Float32).view(2, 3).requires_grad_();
        SafetensorsWriter.Write(
            _folder.PathOf("x.safetensors"), new Dictionary<string, Tensor> { ["t"] = tensor.t(), ["row"] = tensor[1] });
        using var file = SafetensorsFile.Open(_folder.PathOf("x.safetensors"));

        file.Read("t").data<float>().ToArray().Should().Equal(0, 3, 1, 4, 2, 5);
        file.Read("row").data<float>().ToArray().Should().Equal(3, 4, 5);
    }

    [Test]
    public void Write_WithNamesBeyondAscii_ReadsBack()
    {
        using var scope = NewDisposeScope();
        var path = _folder.PathOf("x.safetensors");
        SafetensorsWriter.Write(
            path,
            new Dictionary<string, Tensor> { ["δ\"\\"] = ones(1) },
            new Dictionary<string, string> { ["note"] = "τ = 0.4" });
        using var file = SafetensorsFile.Open(path);

        file.Entries.Keys.Should().Equal("δ\"\\");
        file.Metadata["note"].Should().Be("τ = 0.4");
        (file.Entries["δ\"\\"].Begin % 8).Should().Be(0);
    }

    [Test]
    public void Write_OverAMappedFile_ReplacesItAndLeavesTheTensor()
    {
        using var scope = NewDisposeScope();
        var path = _folder.PathOf("x.safetensors");
        SafetensorsWriter.Write(path, new Dictionary<string, Tensor> { ["x"] = ones(4) });
        using var file = SafetensorsFile.Open(path);
        var mapped = file.Read("x");
        SafetensorsWriter.Write(path, new Dictionary<string, Tensor> { ["x"] = mapped.mul(2) });

        mapped.sum().item<float>().Should().Be(4);
        using var again = SafetensorsFile.Open(path);
        again.Read("x").sum().item<float>().Should().Be(8);
        Directory.GetFiles(_folder.Path).Should().ContainSingle("no temporary file stays");
    }

    [Test]
    public void Write_OfATypeThatTheFormatLacks_LeavesNothing()
    {
        using var scope = NewDisposeScope();
        var path = _folder.PathOf("x.safetensors");
        var tensors = new Dictionary<string, Tensor> { ["x"] = ones(2, ScalarType.ComplexFloat32) };

        FluentActions.Invoking(() => SafetensorsWriter.Write(path, tensors)).Should().Throw<ArgumentException>()
            .WithMessage("Tensor x is ComplexFloat32*BF16*");
        Directory.GetFiles(_folder.Path).Should().BeEmpty();
    }

    [Test]
    public void Write_OfOneNameTwice_NamesIt()
    {
        using var scope = NewDisposeScope();
        var twice = new[] { KeyValuePair.Create("x", ones(1)), KeyValuePair.Create("x", ones(1)) };

        FluentActions.Invoking(() => SafetensorsWriter.Write(_folder.PathOf("x.safetensors"), twice))
            .Should().Throw<ArgumentException>().WithMessage("Tensor x is there twice*");
    }
}
