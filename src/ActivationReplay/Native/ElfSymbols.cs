namespace ActivationReplay.Native;

/// <summary>The names that a shared library takes from others and gives to them (its <c>.dynsym</c>).</summary>
internal static class ElfSymbols
{
    private const int SymbolSize = 24; // Elf64_Sym: name 4, info 1, other 1, section 2, value 8, size 8
    private const int WeakBinding = 2;
    private const int LastUnversioned = 1; // 0 is local, 1 is global without a version
    private const int VersionIndex = 0x7FFF; // the bit above hides

    /// <summary>
    /// Names that a library cannot do without, except those with a version: the C and C++ libraries have versions, libtorch has none.
    /// </summary>
    /// <exception cref="InvalidDataException">It is no ELF library, or is damaged.</exception>
    public static IReadOnlyList<string> NeededUnversioned(ElfFile elf)
    {
        var versions = elf.Sections.Where(s => s.Type == ElfSection.SymbolVersions).Select(s => elf.Bytes(s, "symbol versions").ToArray()).FirstOrDefault();
        return
        [
            .. Read(elf)
                .Where(s => !s.IsDefined && !s.IsWeak && s.Name.Length > 0)
                .Where(s => versions is null || s.Index * 2 + 2 > versions.Length
                    || (ElfFile.U16(versions.AsSpan(s.Index * 2)) & VersionIndex) <= LastUnversioned)
                .Select(s => s.Name),
        ];
    }

    /// <summary>Names that a library has for others.</summary>
    /// <exception cref="InvalidDataException">It is no ELF library, or is damaged.</exception>
    public static IEnumerable<string> Defined(ElfFile elf) => Read(elf).Where(s => s.IsDefined).Select(s => s.Name);

    /// <summary>Makes some needed names optional, in place: the dynamic linker then puts 0 for what it does not find.</summary>
    /// <param name="image">The bytes of the library.</param>
    /// <param name="names">The names.</param>
    /// <exception cref="InvalidDataException">It is no ELF library, or is damaged.</exception>
    public static void MakeOptional(byte[] image, IReadOnlySet<string> names)
    {
        using var elf = ElfFile.Of(image);
        foreach (var symbol in Read(elf).Where(s => !s.IsDefined && names.Contains(s.Name)))
        {
            ref var info = ref elf.Part(symbol.Offset + 4, 1, "symbols")[0];
            info = (byte)((info & 0xF) | (WeakBinding << 4));
        }
    }

    private static List<Symbol> Read(ElfFile elf)
    {
        var symbols = new List<Symbol>();
        foreach (var table in elf.Sections.Where(s => s.Type == ElfSection.DynamicSymbols))
        {
            var entries = elf.Bytes(table, "symbols");
            var names = elf.Bytes(elf.Linked(table), "symbol names");
            for (var i = 0; (i + 1) * SymbolSize <= entries.Length; i++)
            {
                var entry = entries.Slice(i * SymbolSize, SymbolSize);
                symbols.Add(new(
                    ElfFile.NameAt(names, ElfFile.U32(entry)),
                    i,
                    table.Offset + (ulong)(i * SymbolSize),
                    IsDefined: ElfFile.U16(entry[6..]) != 0,
                    IsWeak: entry[4] >> 4 == WeakBinding));
            }
        }

        return symbols;
    }

    private readonly record struct Symbol(string Name, int Index, ulong Offset, bool IsDefined, bool IsWeak);
}
