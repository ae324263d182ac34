namespace ActivationReplay.Vision;

/// <summary>
/// An encoded picture, on disk or in memory, with the name that errors about it show. Files are opened on
/// <see cref="Read"/>, so that a list of samples costs no memory.
/// </summary>
public sealed record MediaFile
{
    private readonly Func<ReadOnlyMemory<byte>> _read;

    private MediaFile(string name, Func<ReadOnlyMemory<byte>> read)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
        _read = read;
    }

    /// <summary>The path, or the row of a data set, that the medium came from.</summary>
    public string Name { get; }

    /// <summary>A file on disk. It need not exist until it is read.</summary>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public static MediaFile FromPath(string path) => new(path, () => ReadFile(path));

    /// <summary>Bytes that are in memory already, such as a cell of a Parquet file. They are not copied.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static MediaFile FromBytes(string name, ReadOnlyMemory<byte> bytes) => new(name, () => bytes);

    /// <summary>Bytes that are fetched at each <see cref="Read"/>, such as a cell of a large table on disk.</summary>
    /// <param name="name">Shown in errors.</param>
    /// <param name="read">Fetches them; throws <see cref="MediaException"/> where it cannot.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static MediaFile FromSource(string name, Func<ReadOnlyMemory<byte>> read) => new(name, read);

    /// <summary>A picture that is decoded already, such as a part cut from another. <see cref="Read"/> encodes it as PNG.</summary>
    /// <param name="name">Shown in errors.</param>
    /// <param name="pixels">The picture; it is not copied.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static MediaFile FromPixels(string name, RgbImage pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        return new MediaFile(name, () => PngEncoder.Encode(pixels)) { Pixels = pixels };
    }

    /// <summary>The picture, where it is decoded already; else null.</summary>
    internal RgbImage? Pixels { get; private init; }

    /// <summary>The encoded bytes.</summary>
    /// <exception cref="MediaException">The file cannot be read, or there is nothing in it.</exception>
    public ReadOnlyMemory<byte> Read()
    {
        var bytes = _read();
        return bytes.IsEmpty ? throw new MediaException(Name, "is empty.") : bytes;
    }

    private static ReadOnlyMemory<byte> ReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new MediaException(path, $"cannot be read: {error.Message}", error);
        }
    }
}
