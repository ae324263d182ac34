using System.Text;

namespace ActivationReplay.Files;

/// <summary>
/// Writes files atomically: under a temporary name in the same folder, flushed to disk, then renamed. A reader sees the old content
/// or the new, and a failure leaves the old.
/// </summary>
public static class AtomicFile
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Creates or replaces a file.</summary>
    /// <param name="path">The file; where it is a link, the link is replaced and what it points to stays.</param>
    /// <param name="write">Writes the content. Where it throws, nothing has changed.</param>
    /// <param name="mode">Permissions of the new file on Unix; null takes the process's default.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static void Write(string path, Action<Stream> write, UnixFileMode? mode = null)
    {
        ArgumentNullException.ThrowIfNull(write);
        var partial = $"{path}.{Guid.NewGuid():N}.tmp";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (mode is { } permissions && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = permissions;
        }

        try
        {
            using (var stream = new FileStream(partial, options))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <summary>Makes or replaces a file of UTF-8 without a byte order mark.</summary>
    /// <inheritdoc cref="Write(string, Action{Stream}, UnixFileMode?)"/>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(s_utf8.GetBytes(text)));

    /// <summary>Makes or replaces a file of bytes.</summary>
    /// <inheritdoc cref="Write(string, Action{Stream}, UnixFileMode?)"/>
    public static void WriteBytes(string path, ReadOnlyMemory<byte> bytes) => Write(path, stream => stream.Write(bytes.Span));
}
