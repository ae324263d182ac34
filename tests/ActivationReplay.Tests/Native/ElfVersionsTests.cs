using System.Buffers.Binary;
using ActivationReplay.Native;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Native;

public sealed class ElfVersionsTests
{
    // Where TinyElf puts things.
    private const int Requirement = 64 + 16;
    private const int Versions = 112;
    private const int Relocations = 120;

    [Test]
    public void MakeWeak_ChangesTheFlagsOfThatVersionAlone()
    {
        var image = TinyElf();
        var before = image.ToArray();

        ElfVersions.MakeWeak(image, "V_2").Should().Be(1);

        before[Requirement + 4] |= 2;
        image.Should().Equal(before);
    }

    [Test]
    public void MakeWeak_Twice_IsTheSameAsOnce()
    {
        var image = TinyElf();
        ElfVersions.MakeWeak(image, "V_2");
        var once = image.ToArray();

        ElfVersions.MakeWeak(image, "V_2");

        image.Should().Equal(once);
    }

    [Test]
    public void MakeWeak_OfAVersionThatIsNotAskedFor_ChangesNothing()
    {
        var image = TinyElf();

        ElfVersions.MakeWeak(image, "V_3").Should().Be(0);

        image.Should().Equal(TinyElf());
    }

    [Test]
    public void MakeWeak_WhereARelocationUsesTheVersion_Refuses()
    {
        var image = TinyElf();
        image[Relocations + 12] = 1; // the symbol that bears V_2

        FluentActions.Invoking(() => ElfVersions.MakeWeak(image, "V_2")).Should().Throw<InvalidDataException>()
            .WithMessage("*V_2*not optional*");
    }

    [Test]
    public void MakeWeak_OfAFileCutAnywhere_SaysSo()
    {
        var image = TinyElf();
        for (var length = 0; length < image.Length; length++)
        {
            var part = image[..length];
            FluentActions.Invoking(() => ElfVersions.MakeWeak(part, "V_2")).Should().Throw<InvalidDataException>();
        }
    }

    [Test]
    public void MakeWeak_OfDamagedBytes_NeverFailsOtherwise()
    {
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var image = TinyElf();
            for (var n = 0; n < 3; n++)
            {
                image[random.Next(image.Length)] = (byte)random.Next(256);
            }

            try
            {
                ElfVersions.MakeWeak(image, "V_2");
            }
            catch (InvalidDataException e)
            {
                e.Message.Should().NotBeEmpty();
            }
        }
    }

    [Test]
    public void MakeWeak_OfOtherFiles_NamesTheKind()
    {
        FluentActions.Invoking(() => ElfVersions.MakeWeak("MZ: not this one"u8.ToArray(), "V_2"))
            .Should().Throw<InvalidDataException>().WithMessage("not an ELF file");

        var image = TinyElf();
        image[4] = 1;
        FluentActions.Invoking(() => ElfVersions.MakeWeak(image, "V_2"))
            .Should().Throw<InvalidDataException>().WithMessage("not a 64-bit*");
    }

    /// <summary>One library that is asked for V_2; symbol 1 bears it, the only relocation uses symbol 0.</summary>
    private static byte[] TinyElf()
    {
        const int Names = 96;
        const int Table = 144;
        var image = new byte[Table + (5 * 64)];
        "\u007fELF\u0002\u0001"u8.CopyTo(image);
        Put(40, Table);
        Put(58, 64);
        Put(60, 5);

        Put(64, 1 | (1 << 16)); // Elf64_Verneed: version 1, one entry,
        Put(64 + 8, 16); // which follows at once
        Put(Requirement + 4, 2 << 16); // Elf64_Vernaux: no flags, index 2,
        Put(Requirement + 8, 1); // named V_2
        "\0V_2\0"u8.CopyTo(image.AsSpan(Names));
        Put(Versions, 0 | (2 << 16)); // symbol 0 local, symbol 1 of index 2

        Section(1, 0x6FFFFFFE, 64, 32, link: 2, info: 1);
        Section(2, 3, Names, 5, link: 0, info: 0);
        Section(3, 0x6FFFFFFF, Versions, 4, link: 0, info: 0);
        Section(4, 4, Relocations, 24, link: 0, info: 0);
        return image;

        void Put(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(at), value);

        void Section(int index, uint type, uint offset, uint size, uint link, uint info)
        {
            var at = Table + (index * 64);
            Put(at + 4, type);
            Put(at + 24, offset);
            Put(at + 32, size);
            Put(at + 40, link);
            Put(at + 44, info);
        }
    }
}
