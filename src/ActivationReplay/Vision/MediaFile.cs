namespace ActivationReplay.Vision;

/// <summary>
/// An encoded picture, on disk or in memory, with the name that errors about it show. Files are opened on
/// <see cref="Read"/>, so that a list of samples costs no memory.
/// </summary>
public sealed record MediaFile
{
    private readonly ReadOnlyMemory<byte>? _bytes;

    private MediaFile(string name, ReadOnlyMemory<byte>? bytes)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
        _bytes = bytes;
    }

    /// <summary>The path, or the row of a data set, that the medium came from.</summary>
    public string Name { get; }

    /// <summary>A file on disk. It need not exist until it is read.</summary>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public static MediaFile FromPath(string path) => new(path, null);

    /// <summary>Bytes that are in memory already, such as a cell of a Parquet file. They are not copied.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static MediaFile FromBytes(string name, ReadOnlyMemory<byte> bytes) => new(name, bytes);

    /// <summary>The encoded bytes.</summary>
    /// <exception cref="MediaException">The file cannot be read, or there is nothing in it.</exception>
    public ReadOnlyMemory<byte> Read()
    {
        var bytes = _bytes ?? ReadFile();
        return bytes.IsEmpty ? throw new MediaException(Name, "is empty.") : bytes;
    }

    private byte[] ReadFile()
    {
        try
        {
            return File.ReadAllBytes(Name);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new MediaException(Name, $"cannot be read: {error.Message}", error);
        }
    }
}
