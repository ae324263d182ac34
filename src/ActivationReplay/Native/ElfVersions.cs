using System.Buffers.Binary;

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
    private const ushort Weak = 2;
    private const int RelaSize = 24;

    /// <summary>Marks the requirement of <paramref name="version"/> as weak, in place.</summary>
    /// <param name="image">The bytes of the shared library.</param>
    /// <param name="version">The version's name, such as <c>GLIBCXX_3.4.32</c>.</param>
    /// <returns>How many requirements were marked: 0 where the library does not ask for the version.</returns>
    /// <exception cref="InvalidDataException">
    /// The image is no such library, is damaged, or relocates a symbol of that version.
    /// </exception>
    public static int MakeWeak(byte[] image, string version)
    {
        using var elf = ElfFile.Of(image);
        var marked = 0;
        foreach (var needs in elf.Sections.Where(section => section.Type == ElfSection.VersionNeeds))
        {
            foreach (var (offset, index) in Requirements(elf, needs, version))
            {
                EnsureUnused(elf, index, version);
                var flags = elf.Part(offset + 4, 2, "version flags");
                BinaryPrimitives.WriteUInt16LittleEndian(flags, (ushort)(ElfFile.U16(flags) | Weak));
                marked++;
            }
        }

        return marked;
    }

    /// <summary>Offsets of the auxiliary entries (Elf64_Vernaux) that name the version, with their version index.</summary>
    private static List<(ulong Offset, ushort Index)> Requirements(ElfFile elf, ElfSection needs, string version)
    {
        var names = elf.Bytes(elf.Linked(needs), "version names");
        var found = new List<(ulong, ushort)>();
        var library = needs.Offset;
        for (ulong i = 0, step = 1; i < needs.Info && step > 0; i++)
        {
            var need = elf.Part(library, 16, "version requirements"); // version, count, file, first, next
            var auxiliary = library + ElfFile.U32(need[8..]);
            for (ulong j = 0, hop = 1; j < ElfFile.U16(need[2..]) && hop > 0; j++)
            {
                var entry = elf.Part(auxiliary, 16, "version requirements"); // hash, flags, index, name, next
                if (ElfFile.NameAt(names, ElfFile.U32(entry[8..])) == version)
                {
                    found.Add((auxiliary, ElfFile.U16(entry[6..])));
                }

                auxiliary += hop = ElfFile.U32(entry[12..]);
            }

            library += step = ElfFile.U32(need[12..]);
        }

        return found;
    }

    private static void EnsureUnused(ElfFile elf, ushort index, string version)
    {
        var table = elf.Sections.Where(section => section.Type == ElfSection.SymbolVersions).Take(1).ToList();
        if (table.Count == 0)
        {
            throw new InvalidDataException("the ELF file has no symbol versions");
        }

        var versions = elf.Bytes(table[0], "symbol versions");
        // Only relocations against the same symbols (.dynsym) count.
        foreach (var relocations in elf.Sections.Where(s => s.Type == ElfSection.Rela && s.Size > 0 && s.Link == table[0].Link))
        {
            var entries = elf.Bytes(relocations, "relocations");
            for (var at = 0; at + RelaSize <= entries.Length; at += RelaSize)
            {
                var symbol = ElfFile.U32(entries[(at + 12)..]) * 2UL;
                if (symbol + 2 > (ulong)versions.Length)
                {
                    throw new InvalidDataException("the ELF file is cut short: its symbol versions lie beyond its end");
                }

                if (ElfFile.U16(versions[(int)symbol..]) == index)
                {
                    throw new InvalidDataException($"the ELF file uses a symbol of version {version}: it is not optional");
                }
            }
        }
    }
}
