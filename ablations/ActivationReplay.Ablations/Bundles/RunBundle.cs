using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Files;

namespace ActivationReplay.Ablations.Bundles;

/// <summary>
/// A run as one zip file: run.json, the journal where there is one, tables, plots and page, and bundle.json with the SHA-256 of
/// each. Two bundles of one run are equal byte for byte.
/// </summary>
internal static class RunBundle
{
    // More is no run's: journals and tables are text, which shrinks to a tenth.
    private const long AlwaysAllowed = 1L << 30;
    private const long MostGrowth = 200;
    private const long MostContents = 1 << 20;
    private const int CopyLength = 1 << 16;

    // The first that zip files can say. A time of writing would make equal bundles differ.
    private static readonly DateTimeOffset s_time = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Whether a file begins as zip files do.</summary>
    public static bool Is(string path)
    {
        using var stream = File.OpenRead(path);
        Span<byte> start = stackalloc byte[4];
        return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual("PK\u0003\u0004"u8);
    }

    /// <summary>Writes a run's bundle, whole or not at all.</summary>
    /// <returns>What it holds.</returns>
    /// <exception cref="IOException">A process is writing the run.</exception>
    public static BundleContents Write(StoredRun run, string path)
    {
        if (RunFolder.IsHeld(run.Path))
        {
            throw new IOException($"{run.Path}: a process is writing this run; bundle it when that has ended.");
        }

        var contents = BundleContents.Of(run.Manifest, []);
        AtomicFile.Write(path, stream =>
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
            contents = contents with { Files = [.. Names(run.Path).Select(name => Add(zip, run.Path, name))] };
            using var entry = Entry(zip, BundleContents.FileName).Open();
            entry.Write(contents.ToJson());
        });
        return contents;
    }

    /// <summary>Unpacks a bundle and checks every file.</summary>
    /// <param name="path">The bundle.</param>
    /// <param name="folder">A new folder of the caller's.</param>
    /// <exception cref="InvalidDataException">It is damaged, or no bundle; the message names it and the entry.</exception>
    public static void Unpack(string path, string folder)
    {
        var at = "as a whole";
        try
        {
            using var zip = ZipFile.OpenRead(path);
            at = BundleContents.FileName;
            var contents = Contents(zip);
            var left = Math.Max(AlwaysAllowed, MostGrowth * new FileInfo(path).Length);
            if (zip.Entries.FirstOrDefault(e => e.FullName != BundleContents.FileName && contents.Files.All(f => f.Name != e.FullName)) is { } extra)
            {
                at = extra.FullName;
                throw new InvalidDataException($"it is not named in {BundleContents.FileName}.");
            }

            foreach (var file in contents.Files)
            {
                at = file.Name;
                left -= file.Bytes;
                if (left < 0)
                {
                    throw new InvalidDataException($"unpacked, it holds more than {Math.Max(AlwaysAllowed, MostGrowth * new FileInfo(path).Length)} bytes, which no run of this size does.");
                }

                Extract(Find(zip, file.Name), file, Path.Combine(folder, Path.Combine(file.Name.Split('/'))));
            }

            at = "run.json";
            var manifest = RunManifest.Read(folder);
            at = BundleContents.FileName;
            if (!contents.IsOf(manifest))
            {
                throw new InvalidDataException("it does not say what run.json says.");
            }
        }
        catch (Exception e) when (e is InvalidDataException or JsonException or EndOfStreamException or ArgumentException or NotSupportedException or OverflowException)
        {
            throw new InvalidDataException($"{path}, {at}: {e.Message} It is no whole bundle; fetch it again, or make it anew with bundle.", e);
        }
    }

    private static BundleContents Contents(ZipArchive zip)
    {
        using var memory = new MemoryStream();
        Copy(Find(zip, BundleContents.FileName), memory, MostContents);
        return BundleContents.Parse(memory.ToArray());
    }

    private static ZipArchiveEntry Find(ZipArchive zip, string name) => zip.Entries.Where(e => e.FullName == name).ToList() is [var one]
        ? one
        : throw new InvalidDataException("the zip has no such entry, or several.");

    private static void Extract(ZipArchiveEntry entry, BundleFile file, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var output = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        var (bytes, hash) = Copy(entry, output, file.Bytes);
        if (bytes != file.Bytes || hash != file.Sha256)
        {
            throw new InvalidDataException($"it has {bytes} bytes of SHA-256 {hash}, where {BundleContents.FileName} says {file.Bytes} of {file.Sha256}.");
        }
    }

    // What an entry says of its size is not believed.
    private static (long Bytes, string Hash) Copy(ZipArchiveEntry entry, Stream output, long most)
    {
        using var input = entry.Open();
        var (bytes, hash) = Copy(input, output, most);
        return bytes <= most ? (bytes, hash) : throw new InvalidDataException($"it holds more than the {most} bytes that it may.");
    }

    private static (long Bytes, string Hash) Copy(Stream input, Stream output, long most)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[CopyLength];
        var total = 0L;
        for (int read; total <= most && (read = input.Read(buffer)) > 0; total += read)
        {
            sha.AppendData(buffer, 0, read);
            output.Write(buffer, 0, read);
        }

        return (total, Convert.ToHexStringLower(sha.GetHashAndReset()));
    }

    private static BundleFile Add(ZipArchive zip, string folder, string name)
    {
        using var input = new FileStream(Path.Combine(folder, name), FileMode.Open, FileAccess.Read, FileShare.Read);
        using var output = Entry(zip, name).Open();
        var (bytes, hash) = Copy(input, output, long.MaxValue);
        return new BundleFile(name, bytes, hash);
    }

    private static ZipArchiveEntry Entry(ZipArchive zip, string name)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.Optimal);
        entry.LastWriteTime = s_time;
        return entry;
    }

    // What a run has, without what others put beside it.
    private static IEnumerable<string> Names(string folder)
    {
        string[] own = [Path.GetFileName(RunFolder.Manifest(folder)), Path.GetFileName(RunFolder.Journal(folder)), RunPage.FileName, .. RunReport.Files];
        var plots = Path.Combine(folder, RunPage.Plots);
        return own.Where(name => File.Exists(Path.Combine(folder, name)))
            .Concat(Directory.Exists(plots) ? Directory.EnumerateFiles(plots, "*.png").Select(f => $"{RunPage.Plots}/{Path.GetFileName(f)}") : [])
            .Where(BundleContents.IsPlain)
            .Order(StringComparer.Ordinal);
    }
}
