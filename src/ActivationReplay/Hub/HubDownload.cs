using System.Globalization;
using ActivationReplay.Checkpoints;

namespace ActivationReplay.Hub;

/// <summary>How far a download is.</summary>
/// <param name="Bytes">Bytes that are there, those of earlier calls included.</param>
/// <param name="TotalBytes">Bytes of all files that are known to be needed.</param>
/// <param name="Fetched">Bytes that this call has fetched.</param>
/// <param name="Files">Files that are whole.</param>
/// <param name="TotalFiles">Files that are known to be needed.</param>
public readonly record struct HubProgress(long Bytes, long TotalBytes, long Fetched, int Files, int TotalFiles);

/// <summary>
/// Downloads models into the Hugging Face cache, in the layout of Hugging Face's tools, which find them there. Only what the engine
/// reads is fetched; sizes and hashes are checked; what breaks off goes on at the next call.
/// </summary>
/// <param name="settings">Hub, token and cache; null takes those of the environment.</param>
public sealed class HubDownload(HubSettings? settings = null) : IDisposable
{
    private readonly HubSettings _settings = settings ?? HubSettings.FromEnvironment();
    private HubClient? _client;

    /// <summary>How many files are fetched side by side.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>How tries that fail are repeated.</summary>
    internal Retry Retry { get; init; } = new(tries: 6, TimeSpan.FromSeconds(1));

    /// <summary>How long a server may be silent.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The bytes that a folder's disk has free.</summary>
    internal Func<string, long> FreeSpace { get; init; } = folder => new DriveInfo(folder).AvailableFreeSpace;

    /// <summary>Fetches what the cache lacks of some models. A revision's name leads to the new files when all of them are there.</summary>
    /// <param name="ids">The models; of one that has a part the whole repository is fetched.</param>
    /// <param name="onProgress">Called after each piece, from one thread at a time.</param>
    /// <param name="cancel">Gives up; what was fetched stays, and the next call goes on.</param>
    /// <returns>The folder of each model.</returns>
    /// <exception cref="HubException">
    /// A model is not there, not open to this user or not readable, the hub cannot be reached or sends something else, the disk has
    /// too little room, or nothing may be asked of the hub and the cache lacks something.
    /// </exception>
    /// <exception cref="CheckpointException">An index of weights is damaged.</exception>
    /// <exception cref="IOException">The cache cannot be written to.</exception>
    public async Task<IReadOnlyList<string>> Pull(
        IReadOnlyList<HubId> ids, Action<HubProgress>? onProgress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (_settings.IsOffline)
        {
            return [.. ids.Select(Offline)];
        }

        _client ??= new HubClient(_settings) { Patience = Patience };
        var pulls = new List<ModelPull>();
        // Parts of one repository are one.
        foreach (var id in ids.Select(id => id with { Part = null }).Distinct())
        {
            pulls.Add(await ModelPull.Begin(_client, Retry, _settings.Cache, id, cancel).ConfigureAwait(false));
        }

        var tally = new Tally(onProgress);
        await Fetch(pulls, pull => pull.Settings, tally, cancel).ConfigureAwait(false);
        await Fetch(pulls, pull => pull.Weights(), tally, cancel).ConfigureAwait(false);
        pulls.ForEach(pull => pull.Finish());
        return [.. ids.Select(id => pulls.First(pull => pull.Id == id with { Part = null }).Snapshot)];
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _client?.Dispose();

    private string Offline(HubId id) => _settings.Cache.Find(id with { Part = null }) is { } folder && IsWhole(folder)
        ? folder
        : throw new HubException(id.Name, $"the cache ({_settings.Cache.Folder}) has not all of it, and HF_HUB_OFFLINE forbids to ask the hub");

    // A model, or the models of a pair.
    private static bool IsWhole(string folder)
    {
        string[] models = [.. ModelPull.Parts.Select(part => Path.Combine(folder, part)).Where(f => CheckpointFolder.MissingFrom(f, withWeights: false) is null)];
        return models.Length > 0 && models.All(f => CheckpointFolder.MissingFrom(f, withWeights: true) is null);
    }

    private async Task Fetch(IReadOnlyList<ModelPull> pulls, Func<ModelPull, IEnumerable<string>> names, Tally tally, CancellationToken cancel)
    {
        var files = new List<(ModelPull Pull, HubFile File)>();
        foreach (var pull in pulls)
        {
            foreach (var name in names(pull))
            {
                files.Add((pull, await pull.Describe(name, cancel).ConfigureAwait(false)));
            }
        }

        CheckSpace(files.Sum(f => f.Pull.Missing(f.File)));
        tally.Expect(files.Select(f => f.File));
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancel };
        await System.Threading.Tasks.Parallel.ForEachAsync(files, options, async (f, stop) =>
        {
            var report = tally.Of(f.File.Size - f.Pull.Missing(f.File));
            await f.Pull.Fetch(f.File, report, stop).ConfigureAwait(false);
            tally.Done();
        }).ConfigureAwait(false);
    }

    private void CheckSpace(long needed)
    {
        if (needed == 0)
        {
            return;
        }

        var folder = Directory.CreateDirectory(_settings.Cache.Folder).FullName;
        var free = FreeSpace(folder);
        if (needed > free)
        {
            throw new HubException(folder, string.Create(
                CultureInfo.InvariantCulture, $"{needed / 1e9:0.00} GB are to be fetched, but {free / 1e9:0.00} GB are free there; HF_HUB_CACHE puts the cache elsewhere"));
        }
    }

    // The sum over files that are fetched side by side.
    private sealed class Tally(Action<HubProgress>? onProgress)
    {
        private readonly Lock _turn = new();
        private HubProgress _now;

        public void Expect(IEnumerable<HubFile> files)
        {
            foreach (var file in files)
            {
                _now = _now with { TotalBytes = _now.TotalBytes + file.Size, TotalFiles = _now.TotalFiles + 1 };
            }
        }

        // Takes the bytes that are there of a file, of which some were there before.
        public Action<long> Of(long before)
        {
            var last = before;
            Add(before, fetched: 0, files: 0);
            return at =>
            {
                Add(at - last, Math.Max(0, at - last), files: 0);
                last = at;
            };
        }

        public void Done() => Add(0, 0, files: 1);

        private void Add(long bytes, long fetched, int files)
        {
            lock (_turn)
            {
                _now = _now with { Bytes = _now.Bytes + bytes, Fetched = _now.Fetched + fetched, Files = _now.Files + files };
                onProgress?.Invoke(_now);
            }
        }
    }
}
