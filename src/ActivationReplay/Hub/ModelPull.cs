using System.Net;
using ActivationReplay.Checkpoints;
using ActivationReplay.Files;

namespace ActivationReplay.Hub;

/// <summary>One revision on its way into the cache: which of its files are needed, and the links to them.</summary>
/// <remarks>
/// Needed is what the engine reads, and nothing else: configuration, tokenizer, processor, chat template, safetensors and their
/// index, at the repository's top and in <c>base</c> and <c>rlvr</c>. Pickles are never among them.
/// </remarks>
internal sealed class ModelPull
{
    /// <summary>Where in a repository models may be.</summary>
    public static IReadOnlyList<string> Parts { get; } = ["", "base/", "rlvr/"];

    private readonly HubClient _client;
    private readonly Retry _retry;
    private readonly HubCache _cache;
    private readonly HubListing _listing;
    private readonly IReadOnlyList<string> _parts;

    private ModelPull(HubClient client, Retry retry, HubCache cache, HubId id, HubListing listing)
    {
        (_client, _retry, _cache, Id, _listing) = (client, retry, cache, id, listing);
        _parts = [.. Parts.Where(part => Has(part + "config.json"))];
        if (_parts.Count == 0)
        {
            throw new HubException(id.Name, "has no config.json: it is no model that could be read");
        }
    }

    /// <summary>The model and its revision, without a part.</summary>
    public HubId Id { get; }

    /// <summary>The folder of its files.</summary>
    public string Snapshot => _cache.SnapshotOf(Id, _listing.Commit);

    /// <summary>Asks which files a revision has.</summary>
    /// <exception cref="HubException">There is none, or it is not open to this user.</exception>
    public static async Task<ModelPull> Begin(HubClient client, Retry retry, HubCache cache, HubId id, CancellationToken cancel)
    {
        var json = await retry.Run(
            id.Name,
            async () =>
            {
                var address = client.ListingOf(id);
                using var response = await client.Send(id, HttpMethod.Get, address, 0, cancel).ConfigureAwait(false);
                return await client.Patiently(address.Host, response.Content.ReadAsByteArrayAsync, cancel).ConfigureAwait(false);
            },
            () => 0,
            cancel).ConfigureAwait(false);
        return new ModelPull(client, retry, cache, id, HubListing.Parse(id, json));
    }

    /// <summary>The names of all needed files but weights.</summary>
    public IEnumerable<string> Settings => _parts
        .SelectMany(part => new[] { "config.json", StoredWeights.Index }.Concat(ProcessorFiles.All.Select(name => name.Replace('\\', '/'))).Select(name => part + name))
        .Where(name => Has(name) && !(name.EndsWith(StoredWeights.Index, StringComparison.Ordinal) && Has(SingleBeside(name))));

    /// <summary>The names of the files of weights, when <see cref="Settings"/> are there.</summary>
    /// <exception cref="HubException">There are none.</exception>
    /// <exception cref="CheckpointException">The index is damaged.</exception>
    public IEnumerable<string> Weights() => _parts.SelectMany(part =>
        Has(part + StoredWeights.Single) ? [part + StoredWeights.Single]
        : Has(part + StoredWeights.Index) ? StoredWeights.ShardsOf(PathOf(part + StoredWeights.Index)).Select(shard => Has(part + shard)
            ? part + shard
            : throw new HubException(Id.Name, $"{StoredWeights.Index} names {shard}, which the model does not have"))
        : throw new HubException(Id.Name, _listing.Files.Keys.Any(ForeignFile.IsPickle)
            ? "has no safetensors but pickles, which can run code when they are read and are never fetched; a revision with safetensors (some have refs/pr/N) is named by @REVISION"
            : $"has no weights: neither {StoredWeights.Single} nor {StoredWeights.Index}"));

    /// <summary>Size and hash of a file; the hub is asked where its list does not say.</summary>
    /// <exception cref="HubException">It does not say them here either.</exception>
    public async Task<HubFile> Describe(string name, CancellationToken cancel)
    {
        if (_listing.Files[name] is { } file)
        {
            return file;
        }

        return await _retry.Run(
            $"{Id.Name}, {name}",
            async () =>
            {
                using var response = await _client.Send(Id, HttpMethod.Head, AddressOf(name), 0, cancel).ConfigureAwait(false);
                var hash = (Header(response, "X-Linked-Etag") ?? response.Headers.ETag?.Tag)?.Trim('"');
                long? size = long.TryParse(Header(response, "X-Linked-Size"), out var linked) ? linked
                    : response.StatusCode == HttpStatusCode.OK ? response.Content.Headers.ContentLength : null;
                return HubListing.IsHash(hash) && size is { } bytes and >= 0
                    ? new HubFile(name, bytes, hash!)
                    : throw new HubException($"{Id.Name}, {name}", "the hub says neither its size nor its hash, so it could not be checked; nothing is fetched");
            },
            () => 0,
            cancel).ConfigureAwait(false);
    }

    /// <summary>The bytes that are still to be fetched of a file.</summary>
    public long Missing(HubFile file) => IsThere(file) ? 0 : BlobDownload.Missing(_cache, Id, file);

    /// <summary>Fetches a file and links it into the revision's folder.</summary>
    /// <param name="file">The file.</param>
    /// <param name="at">Called with the bytes that are there.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task Fetch(HubFile file, Action<long> at, CancellationToken cancel)
    {
        if (IsThere(file))
        {
            at(file.Size);
            return;
        }

        Link(file.Name, await new BlobDownload(_client, _retry, Id, file, AddressOf(file.Name), _cache).Run(at, cancel).ConfigureAwait(false));
    }

    /// <summary>Lets the revision's name lead to this commit: only now, when its files are whole.</summary>
    public void Finish()
    {
        if (!HubCache.IsCommit(Id.Revision))
        {
            var reference = _cache.ReferenceOf(Id);
            Directory.CreateDirectory(Path.GetDirectoryName(reference)!);
            AtomicFile.WriteText(reference, _listing.Commit);
        }
    }

    private bool Has(string name) => _listing.Files.ContainsKey(name);

    // Of a commit and a name there is one content.
    private bool IsThere(HubFile file) => LinkedFile.Length(PathOf(file.Name)) == file.Size;

    private string PathOf(string name) => Path.Combine([Snapshot, .. name.Split('/')]);

    private Uri AddressOf(string name) => _client.FileOf(Id, _listing.Commit, name);

    private void Link(string name, string blob)
    {
        var path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var made = $"{path}.{Guid.NewGuid():N}";
        try
        {
            // Renamed into place, since another process may link the same file.
            File.CreateSymbolicLink(made, Path.GetRelativePath(Path.GetDirectoryName(path)!, blob));
            File.Move(made, path, overwrite: true);
        }
        catch (Exception e) when (OperatingSystem.IsWindows() && e is IOException or UnauthorizedAccessException)
        {
            // Without the right to make links the file itself is there, as Hugging Face's tools do.
            File.Move(blob, path, overwrite: true);
        }
    }

    private static string SingleBeside(string index) => index[..^StoredWeights.Index.Length] + StoredWeights.Single;

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? values.First() : null;
}
