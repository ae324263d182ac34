using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using ActivationReplay.Checkpoints;
using ActivationReplay.Files;

namespace ActivationReplay.Hub;

/// <summary>
/// Fetches one file into <c>blobs</c>: as <c>HASH.incomplete</c>, on which a later call goes on, and as <c>HASH</c> when size and
/// hash are right. A lock that Hugging Face's tools take, too, keeps two processes from one file.
/// </summary>
/// <param name="client">Asks the hub.</param>
/// <param name="retry">Tries again.</param>
/// <param name="id">The model.</param>
/// <param name="file">The file.</param>
/// <param name="address">Its address.</param>
/// <param name="cache">The cache.</param>
internal sealed class BlobDownload(HubClient client, Retry retry, HubId id, HubFile file, Uri address, HubCache cache)
{
    private const int Piece = 1 << 20;

    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromSeconds(0.5);

    private readonly string _blob = BlobOf(cache, id, file);

    private string Partial => PartialOf(_blob);

    private string Subject => $"{id.Name}, {file.Name}";

    /// <summary>The path of a file's bytes.</summary>
    public static string BlobOf(HubCache cache, HubId id, HubFile file) => Path.Combine(cache.RepositoryOf(id), "blobs", file.Hash);

    /// <summary>The bytes that are still to be fetched, in this process or in an earlier one.</summary>
    public static long Missing(HubCache cache, HubId id, HubFile file)
    {
        var blob = BlobOf(cache, id, file);
        return LinkedFile.Length(blob) == file.Size ? 0 : file.Size - Math.Min(file.Size, LinkedFile.Length(PartialOf(blob)) ?? 0);
    }

    /// <summary>Fetches what is missing.</summary>
    /// <param name="at">Called with the bytes that are there, each time there are more, or fewer where a part was no good.</param>
    /// <param name="cancel">Gives up; what was fetched stays.</param>
    /// <returns>The path of the bytes.</returns>
    /// <exception cref="HubException">The hub refuses, or what it sends is not the file.</exception>
    public async Task<string> Run(Action<long> at, CancellationToken cancel)
    {
        if (LinkedFile.Length(_blob) != file.Size)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_blob)!);
            using var turn = await Turn(cancel).ConfigureAwait(false);
            if (LinkedFile.Length(_blob) != file.Size)
            {
                await Complete(at, cancel).ConfigureAwait(false);
            }
        }

        at(file.Size);
        return _blob;
    }

    private async Task Complete(Action<long> at, CancellationToken cancel)
    {
        for (var isSecond = false; ; isSecond = true)
        {
            await retry.Run(Subject, () => Fetch(at, cancel), () => LinkedFile.Length(Partial) ?? 0, cancel).ConfigureAwait(false);
            var hash = await HashOf(Partial, file, cancel).ConfigureAwait(false);
            if (hash == file.Hash)
            {
                File.Move(Partial, _blob, overwrite: true);
                return;
            }

            // Its beginning may be of an earlier try that went wrong: once more from the start.
            File.Delete(Partial);
            at(0);
            if (isSecond)
            {
                throw new HubException(Subject, $"its bytes have the hash {hash}, but the hub says {file.Hash}: twice what was sent is not the file, and nothing of it is kept");
            }
        }
    }

    private async Task<bool> Fetch(Action<long> at, CancellationToken cancel)
    {
        await using var output = new FileStream(Partial, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, 0, useAsync: true);
        output.SetLength(output.Length > file.Size ? 0 : output.Length);
        output.Seek(0, SeekOrigin.End);
        at(output.Length);
        if (output.Length == file.Size)
        {
            return true;
        }

        using var response = await client.Send(id, HttpMethod.Get, address, output.Length, cancel).ConfigureAwait(false);
        var host = response.RequestMessage!.RequestUri!.Host;
        CheckAnswer(response, output, host);
        await using var body = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        var piece = new byte[Piece];
        int read;
        while ((read = await client.Patiently(host, stop => body.ReadAsync(piece, stop).AsTask(), cancel).ConfigureAwait(false)) > 0)
        {
            if (output.Position + read > file.Size)
            {
                output.SetLength(0);
                throw new TransientException(Text($"{host} sends more than the {file.Size} bytes that the hub says"));
            }

            await output.WriteAsync(piece.AsMemory(0, read), cancel).ConfigureAwait(false);
            at(output.Position);
        }

        return output.Position == file.Size
            ? true
            : throw new TransientException(Text($"{host} ended after {output.Position} of {file.Size} bytes"));
    }

    // Where the answer is not the rest that was asked for, the file begins anew.
    private void CheckAnswer(HttpResponseMessage response, FileStream output, string host)
    {
        var headers = response.Content.Headers;
        var (begins, total) = response.StatusCode == HttpStatusCode.PartialContent
            ? (headers.ContentRange?.From, headers.ContentRange?.Length)
            : (0, headers.ContentLength);
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable || begins is null || (begins != 0 && begins != output.Length))
        {
            output.SetLength(0);
            throw new TransientException($"{host} does not send the rest of the file that was asked for");
        }

        if (total is { } bytes && bytes != file.Size)
        {
            throw new TransientException(Text($"{host} says that the file has {bytes} bytes, but the hub says {file.Size}"));
        }

        output.SetLength(begins.Value);
        output.Position = begins.Value;
    }

    private async Task<FileStream> Turn(CancellationToken cancel)
    {
        var folder = Path.Combine(cache.Folder, ".locks", Path.GetFileName(cache.RepositoryOf(id)));
        Directory.CreateDirectory(folder);
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(folder, file.Hash + ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(Path.Combine(folder, file.Hash + ".lock")))
            {
                // Another process fetches it.
                await Task.Delay(s_betweenLooks, cancel).ConfigureAwait(false);
            }
        }
    }

    private static string PartialOf(string blob) => blob + ".incomplete";

    private static async Task<string> HashOf(string path, HubFile file, CancellationToken cancel)
    {
        await using var input = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, useAsync: true);
        using var hash = IncrementalHash.CreateHash(file.Hash.Length == 64 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        if (file.Hash.Length != 64)
        {
            hash.AppendData(Encoding.ASCII.GetBytes(Text($"blob {file.Size}\0"))); // as Git hashes a file
        }

        var piece = new byte[Piece];
        int read;
        while ((read = await input.ReadAsync(piece, cancel).ConfigureAwait(false)) > 0)
        {
            hash.AppendData(piece.AsSpan(0, read));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
