using System.Buffers.Binary;
using System.Text;

namespace ActivationReplay.Native;

/// <summary>
/// The symbol versions that a shared library requires of others (ELF64, little-endian, section <c>.gnu.version_r</c>;
/// Linux Standard Base Core, chapter "Symbol Versioning").
/// </summary>
/// <remarks>
/// The dynamic linker refuses a library whose required version is absent, unless the requirement is marked weak.
/// Marking is safe only where no relocation needs a symbol of that version, so this is checked first.
/// </remarks>
internal static class ElfVersions
{
    private const uint Rela = 4;
    private const uint VersionNeeds = 0x6FFFFFFE;
    private const uint SymbolVersions = 0x6FFFFFFF;
    private const ushort Weak = 2;

    private const int HeaderSize = 64;
    private const int SectionSize = 64;
    private const int RelaSize = 24;

    /// <summary>Marks the requirement of <paramref name="version"/> as weak, in place.</summary>
    /// <param name="image">The bytes of the shared library.</param>
    /// <param name="version">The version's name, such as <c>GLIBCXX_3.4.32</c>.</param>
    /// <returns>How many requirements were marked: 0 where the library does not ask for the version.</returns>
    /// <exception cref="InvalidDataException">
    /// The image is no such library, is damaged, or relocates a symbol of that version.
    /// </exception>
    public static int MakeWeak(Span<byte> image, string version)
    {
        var sections = Sections(image);
        var marked = 0;
        foreach (var needs in sections.Where(section => section.Type == VersionNeeds))
        {
            foreach (var (offset, index) in Requirements(image, needs, Linked(sections, needs), version))
            {
                EnsureUnused(image, sections, index, version);
                var flags = Part(image, offset + 4, 2, "version flags");
                BinaryPrimitives.WriteUInt16LittleEndian(flags, (ushort)(U16(flags) | Weak));
                marked++;
            }
        }

        return marked;
    }

    private static List<Section> Sections(Span<byte> image)
    {
        if (image.Length < HeaderSize || !image.StartsWith("\u007fELF"u8))
        {
            throw new InvalidDataException("not an ELF file");
        }

        if (image[4] != 2 || image[5] != 1)
        {
            throw new InvalidDataException("not a 64-bit little-endian ELF file");
        }

        var start = U64(image[40..]);
        var (size, count) = (U16(image[58..]), U16(image[60..]));
        if (start == 0 || size != SectionSize)
        {
            throw new InvalidDataException("the ELF file has no section table");
        }

        var sections = new List<Section>(count);
        for (var i = 0; i < count; i++)
        {
            var entry = Part(image, start + ((ulong)i * SectionSize), SectionSize, "section table");
            sections.Add(new(U32(entry[4..]), U64(entry[24..]), U64(entry[32..]), U32(entry[40..]), U32(entry[44..])));
        }

        return sections;
    }

    /// <summary>Offsets of the auxiliary entries (Elf64_Vernaux) that name the version, with their version index.</summary>
    private static List<(ulong Offset, ushort Index)> Requirements(
        Span<byte> image, Section needs, Section names, string version)
    {
        var strings = Part(image, names.Offset, names.Size, "version names");
        var found = new List<(ulong, ushort)>();
        var library = needs.Offset;
        for (ulong i = 0, step = 1; i < needs.Info && step > 0; i++)
        {
            var need = Part(image, library, 16, "version requirements"); // version, count, file, first, next
            var auxiliary = library + U32(need[8..]);
            for (ulong j = 0, hop = 1; j < U16(need[2..]) && hop > 0; j++)
            {
                var entry = Part(image, auxiliary, 16, "version requirements"); // hash, flags, index, name, next
                if (NameAt(strings, U32(entry[8..])) == version)
                {
                    found.Add((auxiliary, U16(entry[6..])));
                }

                auxiliary += hop = U32(entry[12..]);
            }

            library += step = U32(need[12..]);
        }

        return found;
    }

    private static void EnsureUnused(Span<byte> image, List<Section> sections, ushort index, string version)
    {
        var table = sections.FindIndex(section => section.Type == SymbolVersions);
        if (table < 0)
        {
            throw new InvalidDataException("the ELF file has no symbol versions");
        }

        var versions = Part(image, sections[table].Offset, sections[table].Size, "symbol versions");
        foreach (var relocations in sections.Where(section => section.Type == Rela && section.Size > 0))
        {
            // Only tables against the same symbols (.dynsym) count.
            if (relocations.Link != sections[table].Link)
            {
                continue;
            }

            var entries = Part(image, relocations.Offset, relocations.Size, "relocations");
            for (var at = 0; at + RelaSize <= entries.Length; at += RelaSize)
            {
                var symbol = U32(entries[(at + 12)..]);
                if (U16(Part(versions, symbol * 2UL, 2, "symbol versions")) == index)
                {
                    throw new InvalidDataException($"the ELF file uses a symbol of version {version}: it is not optional");
                }
            }
        }
    }

    private static Section Linked(List<Section> sections, Section section) => section.Link < sections.Count
        ? sections[(int)section.Link]
        : throw new InvalidDataException("the ELF file's section table is damaged");

    private static string NameAt(ReadOnlySpan<byte> strings, uint offset)
    {
        var tail = offset < strings.Length
            ? strings[(int)offset..]
            : throw new InvalidDataException("the ELF file's version names lie outside their table");
        var end = tail.IndexOf((byte)0);
        return Encoding.ASCII.GetString(end < 0 ? tail : tail[..end]);
    }

    private static Span<byte> Part(Span<byte> image, ulong offset, ulong size, string what) =>
        offset <= (ulong)image.Length && size <= (ulong)image.Length - offset
            ? image.Slice((int)offset, (int)size)
            : throw new InvalidDataException($"the ELF file is cut short: its {what} lie beyond its end");

    private static ushort U16(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint U32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static ulong U64(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64LittleEndian(bytes);

    /// <param name="Type">Kind of contents (sh_type).</param>
    /// <param name="Offset">First byte in the file.</param>
    /// <param name="Size">Bytes.</param>
    /// <param name="Link">Index of the section that this one refers to.</param>
    /// <param name="Info">Here: the number of entries.</param>
    private readonly record struct Section(uint Type, ulong Offset, ulong Size, uint Link, uint Info);
}
