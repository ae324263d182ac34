using System.Buffers.Binary;
using System.Text;
using ActivationReplay.Checkpoints;
using FluentAssertions;
using FluentAssertions.Specialized;
using NUnit.Framework;

namespace ActivationReplay.Tests.Checkpoints;

public sealed class SafetensorsFileTests
{
    private const string One = """{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";
    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public void Read_OfUnalignedData_CopiesIt()
    {
        // A header of 54 bytes puts the data at byte 62, which is no multiple of four.
        using var file = SafetensorsFile.Open(Raw(One, Floats(1.5f, -2f)));
        file.Entries["x"].Begin.Should().Be(62);
        using var x = file.Read("x");

        x.data<float>().ToArray().Should().Equal(1.5f, -2f);
    }

    [Test]
    public void Read_OfNoElements_AndOfOneNumber_KeepsTheShape()
    {
        const string Header =
            """{"none":{"dtype":"BF16","shape":[0,3],"data_offsets":[0,0]},"one":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}""";
        using var file = SafetensorsFile.Open(Raw(Header, BitConverter.GetBytes(-7L)));
        using var none = file.Read("none");
        using var one = file.Read("one");

        none.shape.Should().Equal(0, 3);
        one.shape.Should().BeEmpty();
        one.item<long>().Should().Be(-7);
    }

    [Test]
    public void Read_OfMoreDimensionsThanUsual_Works()
    {
        var ones = string.Join(',', Enumerable.Repeat(1, 1000));
        using var file = SafetensorsFile.Open(Raw(One.Replace("[2]", $"[{ones},2]", StringComparison.Ordinal), Floats(1, 2)));
        using var x = file.Read("x");

        x.shape.Should().HaveCount(1001);
    }

    [Test]
    public void Read_OfAPathBeyondAscii_Maps()
    {
        var path = _folder.PathOf("τ = 0,4 μ.safetensors");
        File.Move(Raw(One + "  ", Floats(1, 2)), path);
        using var file = SafetensorsFile.Open(path);
        using var x = file.Read("x");

        x.sum().item<float>().Should().Be(3);
    }

    [Test]
    public void Read_AfterDispose_IsRefused_ButEarlierTensorsStay()
    {
        var file = SafetensorsFile.Open(Raw(One + "  ", Floats(1, 2)));
        using var x = file.Read("x");
        file.Dispose();

        x.sum().item<float>().Should().Be(3);
        FluentActions.Invoking(() => file.Read("x")).Should().Throw<ObjectDisposedException>();
    }

    [Test]
    public void Read_WritesToTheMapping_NeverReachTheFile()
    {
        var path = Raw(One + "  ", Floats(1, 2));
        var bytes = File.ReadAllBytes(path);
        using var file = SafetensorsFile.Open(path);
        using var x = file.Read("x");
        x.fill_(9);

        File.ReadAllBytes(path).Should().Equal(bytes);
    }

    [Test]
    public void Read_OfAnUnknownName_NamesIt()
    {
        using var file = SafetensorsFile.Open(Raw(One, new byte[8]));

        Error(() => file.Read("y")).Which.Tensor.Should().Be("y");
    }

    [Test]
    public void Open_WithMetadata_GivesItsTexts()
    {
        using var file = SafetensorsFile.Open(Raw("""{"__metadata__":{"format":"pt"}}""", []));

        file.Entries.Should().BeEmpty();
        file.Metadata.Should().Equal(new Dictionary<string, string> { ["format"] = "pt" });
    }

    [Test]
    public void Open_OfAFileThatIsNotThere_SaysSo() =>
        Error(() => SafetensorsFile.Open(_folder.PathOf("no", "x.safetensors"))).WithMessage("*x.safetensors: there is no such file*");

    [Test]
    public void Open_OfAFolder_SaysThatItCannotBeRead() =>
        Error(() => SafetensorsFile.Open(_folder.Path)).WithMessage("*cannot be read*");

    [TestCase(0)]
    [TestCase(7)]
    [TestCase(9)]
    public void Open_OfAnEmptyFile_SaysHowASafetensorsFileBegins(int length) =>
        Error(() => SafetensorsFile.Open(Bytes(new byte[length]))).WithMessage($"*has {length} bytes*eight bytes*");

    [Test]
    public void Open_OfAFileCutAnywhere_SaysSo()
    {
        var whole = File.ReadAllBytes(Raw(One, new byte[8]));
        for (var length = 0; length < whole.Length; length++)
        {
            var path = Bytes(whole[..length]);
            Error(() => SafetensorsFile.Open(path)).Which.Path.Should().Be(path);
        }
    }

    [Test]
    public void Open_WithDataCutShort_NamesTheTensor() =>
        Refused(One, new byte[7]).WithMessage("*tensor x*[0, 8]*beyond the file*cut short*");

    [Test]
    public void Open_WithHeaderBeyondTheFile_SaysSo() =>
        Error(() => SafetensorsFile.Open(Bytes(Length(1000, "{}")))).WithMessage("*header of 1000 bytes*only 2 follow*");

    [TestCase(100_000_001UL)]
    [TestCase(ulong.MaxValue)]
    public void Open_WithHeaderOverTheLimit_NamesTheLimit(ulong length) =>
        Error(() => SafetensorsFile.Open(Bytes(Length(length, "{}")))).WithMessage($"*{length}*limit of 100000000*");

    [TestCase("[1,2]")]
    [TestCase("{\"x\":")]
    [TestCase("{} trailing")]
    [TestCase("\"text\"")]
    [TestCase("{\"\\ud800\":1}")]
    public void Open_WithHeaderThatIsNoJson_SaysSo(string header) => Refused(header, []).WithMessage("*header*not valid JSON*");

    [Test]
    public void Open_WithHeaderThatIsNotUtf8_SaysSo() => Error(() => SafetensorsFile.Open(
        Bytes([4, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'"', 0xFF, (byte)'}']))).WithMessage("*not UTF-8*");

    [Test]
    public void Open_WithATensorTwice_NamesIt() =>
        Refused($"{One[..^1]},{One[1..]}", new byte[8]).WithMessage("*not valid JSON*'x'*");

    [Test]
    public void Open_WithOverlappingTensors_NamesBoth() => Refused(
        """{"first":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"second":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""",
        new byte[12]).WithMessage("*tensor second*overlaps tensor first*");

    [Test]
    public void Open_WithAHole_NamesBothSides() => Refused(
        """{"first":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"second":{"dtype":"U8","shape":[2],"data_offsets":[5,7]}}""",
        new byte[7]).WithMessage("*tensor second*hole of 3 bytes*first*");

    [Test]
    public void Open_WithDataAfterTheLastTensor_SaysHowMuch() =>
        Refused(One, new byte[11]).WithMessage("*3 bytes after its last tensor x*");

    [TestCase("[8,0]", "begin <= end")]
    [TestCase("[0,9223372036854775807]", "beyond the file")]
    [TestCase("[-8,0]", "data_offsets must be a list of whole numbers")]
    [TestCase("[0,9223372036854775808]", "data_offsets must be a list of whole numbers")]
    [TestCase("[0.5,8]", "data_offsets must be a list of whole numbers")]
    [TestCase("[0]", "begin, end")]
    [TestCase("[0,4,8]", "begin, end")]
    [TestCase("\"0,8\"", "data_offsets must be a list of whole numbers")]
    [TestCase("null", "data_offsets must be a list of whole numbers")]
    public void Open_WithImpossibleOffsets_NamesTheRule(string offsets, string rule) =>
        Refused(One.Replace("[0,8]", offsets, StringComparison.Ordinal), new byte[8]).WithMessage($"*tensor x*{rule}*");

    [TestCase("[3]", "takes 12 bytes*give 8")]
    [TestCase("[1]", "takes 4 bytes*give 8")]
    [TestCase("[4611686018427387904,4]", "overflows")]
    [TestCase("[0,4611686018427387904,4]", "overflows")]
    [TestCase("[4294967296,4294967296]", "overflows")]
    [TestCase("[-2]", "shape must be a list of whole numbers")]
    [TestCase("2", "shape must be a list of whole numbers")]
    public void Open_WithImpossibleShape_NamesTheRule(string shape, string rule) =>
        Refused(One.Replace("[2]", shape, StringComparison.Ordinal), new byte[8]).WithMessage($"*tensor x*{rule}*");

    [TestCase("\"F8_E4M3\"", "dtype is F8_E4M3; supported are *BF16*")]
    [TestCase("7", "dtype is absent")]
    public void Open_WithUnknownType_NamesThoseThatAreSupported(string type, string rule) =>
        Refused(One.Replace("\"F32\"", type, StringComparison.Ordinal), new byte[8]).WithMessage($"*tensor x*{rule}*");

    [TestCase("{\"x\":1}", "not an object")]
    [TestCase("{\"x\":{}}", "dtype is absent")]
    [TestCase("{\"__metadata__\":{\"a\":1}}", "texts")]
    public void Open_WithEntriesOfAnotherKind_SaysWhatBelongsThere(string header, string rule) =>
        Refused(header, []).WithMessage($"*{rule}*");

    [TestCase("pytorch_model.bin")]
    [TestCase("model.PT")]
    [TestCase("consolidated.pth")]
    public void Open_OfAPickleByName_RefusesWithoutReading(string name) =>
        Error(() => SafetensorsFile.Open(_folder.PathOf(name))).WithMessage($"*{name}*pickle*convert it to safetensors*");

    [TestCase(new byte[] { 0x50, 0x4B, 3, 4, 0, 0, 8, 8, 0, 0, 0 }, "pickle")]
    [TestCase(new byte[] { 0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20 }, "pickle")]
    [TestCase(new byte[] { 0x76, 0x65, 0x72, 0x73, 0x69, 0x6F, 0x6E, 0x20, 0x68, 0x74, 0x74, 0x70 }, "git lfs pull")]
    [TestCase(new byte[] { 0x47, 0x47, 0x55, 0x46, 3, 0, 0, 0, 0, 0, 0, 0x10, 0 }, "GGUF")]
    public void Open_OfAForeignFile_NamesItsKind(byte[] start, string kind) =>
        Error(() => SafetensorsFile.Open(Bytes(start))).WithMessage($"*{kind}*");

    [Test]
    public void Open_OfAHeaderOf640Bytes_IsNoPickle()
    {
        // Its length begins with the two bytes of a pickle: 80 02.
        using var file = SafetensorsFile.Open(Raw(One.PadRight(640), new byte[8]));

        file.Entries.Should().ContainKey("x");
    }

    [Test]
    public void Open_OfDamagedBytes_NeverFailsOtherwise()
    {
        var whole = File.ReadAllBytes(Raw(
            """{"__metadata__":{"a":"b"},"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"BF16","shape":[1,2],"data_offsets":[8,12]}}""",
            new byte[12]));
        var random = new Random(3);
        for (var i = 0; i < 1000; i++)
        {
            var bytes = whole.ToArray();
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var path = Bytes(bytes);
            try
            {
                using var file = SafetensorsFile.Open(path);
                foreach (var name in file.Entries.Keys)
                {
                    file.Read(name).Dispose();
                }
            }
            catch (CheckpointException e)
            {
                e.Path.Should().Be(path);
            }
        }
    }

    private static ExceptionAssertions<CheckpointException> Error(Action action) =>
        action.Should().ThrowExactly<CheckpointException>();

    private ExceptionAssertions<CheckpointException> Refused(string header, byte[] data)
    {
        var path = Raw(header, data);
        return Error(() => SafetensorsFile.Open(path)).WithMessage($"{path}: *");
    }

    private string Raw(string header, byte[] data) =>
        Bytes([.. Length((ulong)Encoding.UTF8.GetByteCount(header), header), .. data]);

    private string Bytes(byte[] bytes)
    {
        var path = _folder.PathOf("x.safetensors");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static byte[] Length(ulong length, string header)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        return [.. bytes, .. Encoding.UTF8.GetBytes(header)];
    }

    private static byte[] Floats(params float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];
}
