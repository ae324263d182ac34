using System.Buffers.Binary;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Vision;

/// <summary>Files that are not pictures, or not whole, or too large.</summary>
public sealed class ImageDecoderTests
{
    private static IEnumerable<string> Recorded => Directory.EnumerateFiles(Goldens.PathOf("prepare", "images"))
        .Where(path => Path.GetExtension(path) is not (".json" or ".safetensors")).Order(StringComparer.Ordinal);

    [Test]
    public void Decode_OfHugeClaim_RefusesBeforeDecoding()
    {
        byte[] claim = [.. Pictures.PngHeader(100_000, 100_000), .. Pictures.Chunk("IDAT"u8, new byte[64])];
        var before = GC.GetAllocatedBytesForCurrentThread();

        var decode = () => ImageDecoder.Decode(MediaFile.FromBytes("bomb.png", claim));

        decode.Should().Throw<MediaException>().WithMessage("bomb.png: claims 100000×100000 pixels; the limit is 178956970.");
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(1 << 20);
    }

    [Test]
    public void Decode_OfEveryFormat_KeepsTheGivenLimit()
    {
        foreach (var path in Recorded)
        {
            var decode = () => ImageDecoder.Decode(MediaFile.FromPath(path), pixelLimit: 100);

            decode.Should().Throw<MediaException>().WithMessage($"{path}: claims *; the limit is 100.");
        }
    }

    [Test]
    public void Decode_AtTheLimit_Decodes()
    {
        var rows = new byte[100];

        ImageDecoder.Decode(Pictures.Png(10, 10, 8, 0, rows), pixelLimit: 100).Width.Should().Be(10);
    }

    [Test]
    public void Decode_OfHugeGif_RefusesBeforeDecoding()
    {
        var gif = Pictures.Gif((65535, 65535), (0, 0, 1, 1), [0], new byte[768]);

        var decode = () => ImageDecoder.Decode(gif);

        decode.Should().Throw<MediaException>().WithMessage("made.gif: claims 65535×65535 pixels*");
    }

    [TestCase(0, 5)]
    [TestCase(5, 0)]
    public void Decode_OfNothing_SaysSo(int width, int height)
    {
        var decode = () => ImageDecoder.Decode(MediaFile.FromBytes("nothing.png", Pictures.PngHeader(width, height)));

        decode.Should().Throw<MediaException>().WithMessage($"nothing.png: claims a size of {width}×{height}*");
    }

    [TestCaseSource(nameof(Recorded))]
    public void Decode_OfFileCutShort_NamesIt(string path)
    {
        var bytes = File.ReadAllBytes(path);
        foreach (var length in (int[])[bytes.Length / 2, bytes.Length / 10, 5])
        {
            var decode = () => ImageDecoder.Decode(MediaFile.FromBytes("half", bytes.AsMemory(0, length)));

            decode.Should().Throw<MediaException>($"{length} of {bytes.Length} bytes are left").Which.Name.Should().Be("half");
        }
    }

    [Test]
    public void Decode_OfDamagedBytes_DecodesOrSaysSo()
    {
        var random = new Random(1);
        foreach (var path in Recorded)
        {
            for (var round = 0; round < 20; round++)
            {
                var bytes = File.ReadAllBytes(path);
                for (var hit = 0; hit < 4; hit++)
                {
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                }

                // A smaller limit: damage may make a header claim gigabytes.
                var decode = () => ImageDecoder.Decode(MediaFile.FromBytes("damaged", bytes), pixelLimit: 1 << 22);

                Errors(decode).Should().BeNull();
            }
        }
    }

    [Test]
    public void Decode_OfOtherContent_NamesTheFormats()
    {
        var decode = () => ImageDecoder.Decode(MediaFile.FromBytes("row 7", "%PDF-1.7"u8.ToArray()));

        decode.Should().Throw<MediaException>().WithMessage("row 7: is not a PNG, JPEG, WebP, GIF or BMP picture.");
    }

    [Test]
    public void Decode_OfAbsentFile_NamesThePath()
    {
        var path = Path.Combine(TestContext.CurrentContext.WorkDirectory, "absent.png");

        var decode = () => ImageDecoder.Decode(MediaFile.FromPath(path));

        decode.Should().Throw<MediaException>().WithMessage($"{path}: cannot be read*").Which.Name.Should().Be(path);
    }

    [Test]
    public void Read_OfEmptyFile_SaysSo()
    {
        var read = () => MediaFile.FromBytes("row 3", ReadOnlyMemory<byte>.Empty).Read();

        read.Should().Throw<MediaException>().WithMessage("row 3: is empty.");
    }

    [Test]
    public void Decode_OfBmpWithAlphaThatIsNotRead_SaysSo()
    {
        var bytes = new byte[14 + 56 + 4];
        "BM"u8.CopyTo(bytes);
        var fields = new[] { (2, bytes.Length), (10, 70), (14, 56), (18, 1), (22, 1), (30, 3), (66, 0xFF << 24) };
        foreach (var (at, value) in fields)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value);
        }

        (bytes[26], bytes[28]) = (1, 32);

        var decode = () => ImageDecoder.Decode(MediaFile.FromBytes("odd.bmp", bytes));

        decode.Should().Throw<MediaException>().WithMessage("odd.bmp: is a BMP with alpha under a header of 56 bytes*");
    }

    // Anything but a picture or a MediaException.
    private static Exception? Errors(Func<RgbImage> decode)
    {
        try
        {
            decode();
            return null;
        }
        catch (MediaException)
        {
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }
}
