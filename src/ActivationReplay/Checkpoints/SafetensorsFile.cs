using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using static TorchSharp.torch;

namespace ActivationReplay.Checkpoints;

/// <summary>A safetensors file, opened for reading.</summary>
/// <remarks>
/// The header is checked whole on opening; tensors are mapped when they are asked for. Writing to a mapped tensor changes
/// this process's copy of the page, never the file. A file that is made shorter while it is mapped cannot be guarded
/// against: the operating system ends the process when the missing part is touched.
/// </remarks>
public sealed class SafetensorsFile : IDisposable
{
    /// <summary>Largest header in bytes; the limit of the format's reference implementation.</summary>
    internal const int HeaderLimit = 100_000_000;

    private readonly SafeFileHandle _file;
    private readonly long _length;
    private readonly Dictionary<ScalarType, Tensor> _mappings = [];
    private readonly ReadBuffer _buffer;
    private readonly Lock _lock = new();
    private bool _disposed;

    private SafetensorsFile(string path, SafeFileHandle file, long length, SafetensorsHeader header, ReadBuffer buffer)
    {
        (Path, _file, _length, _buffer) = (path, file, length, buffer);
        (Entries, Metadata) = (header.Entries, header.Metadata);
    }

    /// <summary>The file's path as it was given.</summary>
    public string Path { get; }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Entries { get; }

    /// <summary>The texts that the writer left beside the tensors.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="CheckpointException">
    /// The file is absent, unreadable, a pickle, cut short, or breaks a rule of the format.
    /// </exception>
    public static SafetensorsFile Open(string path) => Open(path, new ReadBuffer());

    /// <summary>Opens a file that shares a buffer with others. <see cref="Release"/> frees it for all of them.</summary>
    internal static SafetensorsFile Open(string path, ReadBuffer buffer)
    {
        ForeignFile.RefusePickle(path);
        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(path, options: FileOptions.RandomAccess);
            var length = RandomAccess.GetLength(file);
            var opened = new SafetensorsFile(path, file, length, ReadHeader(path, file, length), buffer);
            file = null;
            return opened;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CheckpointException(path, "there is no such file", cause: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new CheckpointException(path, $"cannot be read: {e.Message}", cause: e);
        }
        finally
        {
            file?.Dispose();
        }
    }

    /// <summary>One tensor in its stored type and shape, on the CPU.</summary>
    /// <param name="name">Its name as stored.</param>
    /// <returns>
    /// A view of the mapped file, or a copy where the data is not aligned to its type. The caller owns it; it stays valid
    /// when this object is disposed.
    /// </returns>
    /// <exception cref="CheckpointException">There is no such tensor, or the file cannot be mapped.</exception>
    public Tensor Read(string name)
    {
        var entry = Entry(name);
        var size = SafetensorsTypes.Size(entry.Type);
        if (entry.Begin == entry.End || entry.Begin % size != 0)
        {
            return ReadCopy(name);
        }

        using var scope = NewDisposeScope();
        return Mapping(entry.Type)
            .narrow(0, entry.Begin / size, (entry.End - entry.Begin) / size)
            .view([.. entry.Shape])
            .MoveToOuterDisposeScope();
    }

    /// <summary>
    /// One tensor in memory of its own, read from the file and converted piece by piece straight to the device: neither the file's
    /// pages nor a copy beside the result are kept.
    /// </summary>
    /// <param name="name">Its name as stored.</param>
    /// <param name="dtype">The type to give it; null keeps the stored one.</param>
    /// <param name="device">The device to put it on; null is the CPU.</param>
    /// <returns>A contiguous tensor that the caller owns.</returns>
    /// <exception cref="CheckpointException">There is no such tensor, or the file cannot be read.</exception>
    public Tensor ReadCopy(string name, ScalarType? dtype = null, Device? device = null)
    {
        var entry = Entry(name);
        using var scope = NewDisposeScope();
        var tensor = empty([.. entry.Shape], dtype ?? entry.Type, device);
        _buffer.Copy(entry.Type, tensor.view(-1), (piece, done) => Fill(piece.bytes, entry.Begin + (done * SafetensorsTypes.Size(entry.Type)), name));
        return tensor.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Lets the mapping and the buffers go; they are made again when a tensor is asked for. The memory is free when the tensors
    /// that were read are disposed, too.
    /// </summary>
    public void Release()
    {
        lock (_lock)
        {
            foreach (var tensor in _mappings.Values)
            {
                tensor.Dispose();
            }

            _mappings.Clear();
            _buffer.Dispose();
        }
    }

    /// <summary>Closes the file. Tensors that were read stay valid.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            Release();
            _file.Dispose();
        }
    }

    private static SafetensorsHeader ReadHeader(string path, SafeFileHandle file, long length)
    {
        Span<byte> start = stackalloc byte[sizeof(ulong)];
        if (length < start.Length + 2)
        {
            throw new CheckpointException(
                path, $"has {length} bytes; a safetensors file begins with eight bytes of header length and a header");
        }

        ReadExactly(file, start, 0);
        var declared = BinaryPrimitives.ReadUInt64LittleEndian(start);
        if (declared > HeaderLimit || declared > (ulong)(length - start.Length))
        {
            throw new CheckpointException(path, ForeignFile.Describe(start) ?? (declared > HeaderLimit
                ? $"declares a header of {declared} bytes, over the limit of {HeaderLimit}: it is no safetensors file"
                : $"declares a header of {declared} bytes, but only {length - start.Length} follow: it is cut short"));
        }

        var json = new byte[(int)declared];
        ReadExactly(file, json, start.Length);
        return json is [(byte)'{', ..]
            ? SafetensorsHeader.Parse(path, json, length)
            : throw new CheckpointException(path, "its header is not valid JSON: it does not begin with {");
    }

    private static void ReadExactly(SafeFileHandle file, Span<byte> bytes, long position)
    {
        while (bytes.Length > 0)
        {
            var count = RandomAccess.Read(file, bytes, position);
            if (count == 0)
            {
                throw new EndOfStreamException($"it ends at byte {position}");
            }

            bytes = bytes[count..];
            position += count;
        }
    }

    private void Fill(Span<byte> bytes, long position, string name)
    {
        try
        {
            ReadExactly(_file, bytes, position);
        }
        catch (IOException e)
        {
            throw new CheckpointException(Path, $"cannot be read: {e.Message}", name, e);
        }
    }

    private TensorEntry Entry(string name)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Entries.GetValueOrDefault(name)
            ?? throw new CheckpointException(Path, "the file has no such tensor", name);
    }

    /// <summary>The file from its first byte as one row of a type: a private mapping, so writes stay in this process.</summary>
    private Tensor Mapping(ScalarType type)
    {
        lock (_lock)
        {
            if (!_mappings.TryGetValue(type, out var mapping))
            {
                try
                {
                    mapping = from_file(Path, shared: false, size: _length / SafetensorsTypes.Size(type), dtype: type)
                        .DetachFromDisposeScope();
                }
                catch (ExternalException e)
                {
                    throw new CheckpointException(Path, $"cannot be mapped: {e.Message}", cause: e);
                }

                _mappings.Add(type, mapping);
            }

            return mapping;
        }
    }
}
