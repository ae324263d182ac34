using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ActivationReplay.Native;

/// <summary>A shared library as bytes in sections (ELF64, little-endian), in memory or read from a file where it is asked for.</summary>
internal sealed class ElfFile : IDisposable
{
    private const int HeaderSize = 64;
    private const int SectionSize = 64;
    private readonly byte[]? image;
    private readonly SafeFileHandle? file;
    private readonly ulong length;

    private ElfFile(byte[]? image, SafeFileHandle? file, ulong length)
    {
        (this.image, this.file, this.length) = (image, file, length);
        Sections = ReadSections();
    }

    /// <summary>A library in memory: what <see cref="Part"/> gives is its bytes themselves, and can be written to.</summary>
    /// <exception cref="InvalidDataException">The image is no such library, or is damaged.</exception>
    public static ElfFile Of(byte[] image) => new(image, null, (ulong)image.Length);

    /// <summary>A library of any size, of which only those parts are read that are asked for.</summary>
    /// <exception cref="InvalidDataException">The file is no such library, or is damaged.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static ElfFile Open(string path)
    {
        var file = File.OpenHandle(path);
        try
        {
            return new(null, file, (ulong)RandomAccess.GetLength(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The section table.</summary>
    public IReadOnlyList<ElfSection> Sections { get; }

    /// <summary>The section that another one refers to, such as the names of a table.</summary>
    public ElfSection Linked(ElfSection section) => section.Link < Sections.Count
        ? Sections[(int)section.Link]
        : throw new InvalidDataException("the ELF file's section table is damaged");

    /// <summary>All bytes of a section.</summary>
    /// <param name="section">The section.</param>
    /// <param name="what">What it is, for the message.</param>
    public Span<byte> Bytes(ElfSection section, string what) => Part(section.Offset, section.Size, what);

    /// <summary>A part of the file.</summary>
    /// <param name="offset">Its first byte.</param>
    /// <param name="size">Bytes.</param>
    /// <param name="what">What it is, for the message.</param>
    /// <exception cref="InvalidDataException">It lies beyond the file's end.</exception>
    public Span<byte> Part(ulong offset, ulong size, string what)
    {
        if (offset > length || size > length - offset || size > int.MaxValue)
        {
            throw new InvalidDataException($"the ELF file is cut short: its {what} lie beyond its end");
        }

        if (image is not null)
        {
            return image.AsSpan((int)offset, (int)size);
        }

        var part = new byte[size];
        for (var done = 0; done < part.Length;)
        {
            var count = RandomAccess.Read(file!, part.AsSpan(done), (long)offset + done);
            done += count > 0 ? count : throw new InvalidDataException($"the ELF file is cut short: its {what} cannot be read");
        }

        return part;
    }

    /// <summary>The name that begins at a place of a table of names.</summary>
    /// <exception cref="InvalidDataException">The place lies outside the table.</exception>
    public static string NameAt(ReadOnlySpan<byte> names, uint offset)
    {
        var tail = offset < names.Length
            ? names[(int)offset..]
            : throw new InvalidDataException("the ELF file's names lie outside their table");
        var end = tail.IndexOf((byte)0);
        return Encoding.ASCII.GetString(end < 0 ? tail : tail[..end]);
    }

    public static ushort U16(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    public static uint U32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    public static ulong U64(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt64LittleEndian(bytes);

    public void Dispose() => file?.Dispose();

    private List<ElfSection> ReadSections()
    {
        var header = length < HeaderSize ? [] : Part(0, HeaderSize, "header");
        if (!header.StartsWith("\u007fELF"u8))
        {
            throw new InvalidDataException("not an ELF file");
        }

        if (header[4] != 2 || header[5] != 1)
        {
            throw new InvalidDataException("not a 64-bit little-endian ELF file");
        }

        var start = U64(header[40..]);
        var (size, count) = (U16(header[58..]), U16(header[60..]));
        if (start == 0 || size != SectionSize)
        {
            throw new InvalidDataException("the ELF file has no section table");
        }

        var table = Part(start, (ulong)count * SectionSize, "section table");
        var sections = new List<ElfSection>(count);
        for (var i = 0; i < count; i++)
        {
            var entry = table.Slice(i * SectionSize, SectionSize);
            sections.Add(new(U32(entry[4..]), U64(entry[24..]), U64(entry[32..]), U32(entry[40..]), U32(entry[44..])));
        }

        return sections;
    }
}

/// <summary>An entry of the section table.</summary>
/// <param name="Type">Kind of contents (sh_type).</param>
/// <param name="Offset">First byte in the file.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Link">Index of the section that this one refers to.</param>
/// <param name="Info">Of a table of version requirements the number of its entries.</param>
internal readonly record struct ElfSection(uint Type, ulong Offset, ulong Size, uint Link, uint Info)
{
    /// <summary>Relocations with addends.</summary>
    public const uint Rela = 4;

    /// <summary>Symbols of the dynamic linker, <c>.dynsym</c>.</summary>
    public const uint DynamicSymbols = 11;

    /// <summary><c>.gnu.version_r</c>.</summary>
    public const uint VersionNeeds = 0x6FFFFFFE;

    /// <summary><c>.gnu.version</c>, an index for each symbol of <c>.dynsym</c>.</summary>
    public const uint SymbolVersions = 0x6FFFFFFF;
}
