using System.Security.Cryptography;
using System.Text;

namespace ActivationReplay.Checkpoints;

/// <summary>SHA-256 over the contents of files, in blocks that are read and hashed side by side.</summary>
internal static class ContentHash
{
    private const int Block = 1 << 24;

    /// <summary>The hash, in hexadecimal, of the files' names without folders, lengths and contents, in the order given.</summary>
    /// <exception cref="CheckpointException">A file cannot be read.</exception>
    public static string Of(IEnumerable<string> paths)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var path in paths)
        {
            var blocks = Blocks(path, out var length);
            hash.AppendData(Encoding.UTF8.GetBytes($"{Path.GetFileName(path)}\0{length}\0"));
            hash.AppendData(blocks);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static byte[] Blocks(string path, out long length)
    {
        try
        {
            using var file = File.OpenHandle(path);
            length = RandomAccess.GetLength(file);
            var (total, count) = (length, (int)((length + Block - 1) / Block));
            var hashes = new byte[count * SHA256.HashSizeInBytes];
            Parallel.For(0, count, () => new byte[Block], (i, _, buffer) =>
            {
                var start = (long)i * Block;
                var part = buffer.AsSpan(0, (int)Math.Min(Block, total - start));
                for (var done = 0; done < part.Length;)
                {
                    var read = RandomAccess.Read(file, part[done..], start + done);
                    done += read > 0 ? read : throw new EndOfStreamException("it became shorter while it was read");
                }

                SHA256.HashData(part, hashes.AsSpan(i * SHA256.HashSizeInBytes));
                return buffer;
            }, _ => { });
            return hashes;
        }
        catch (AggregateException e)
        {
            throw new CheckpointException(path, $"cannot be read: {e.GetBaseException().Message}", cause: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be read: {e.Message}", cause: e);
        }
    }
}
