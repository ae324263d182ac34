using Parquet;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>
/// Reads Parquet files synchronously. Parquet.Net has asynchronous methods only; on a stream whose reads complete before they return,
/// they complete synchronously, too, so that no thread is blocked.
/// </summary>
internal static class ParquetFile
{
    /// <summary>Opens a file and gives what <paramref name="read"/> takes from it.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static T Read<T>(string path, Func<ParquetReader, Task<T>> read)
    {
        using var stream = new ImmediateStream(path);
        var reading = ReadAsync(stream, read);
        return reading.IsCompleted
            ? reading.GetAwaiter().GetResult()
            : throw new NotSupportedException("Parquet.Net waits for more than the file.");
    }

    private static async Task<T> ReadAsync<T>(Stream stream, Func<ParquetReader, Task<T>> read)
    {
        await using var reader = await ParquetReader.CreateAsync(stream).ConfigureAwait(false);
        return await read(reader).ConfigureAwait(false);
    }

    private sealed class ImmediateStream(string path) : FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(Read(buffer.Span));

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            Task.FromResult(Read(buffer, offset, count));
    }
}
