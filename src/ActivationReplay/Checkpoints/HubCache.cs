namespace ActivationReplay.Checkpoints;

/// <summary>
/// The folder in which Hugging Face's tools keep what they download: for each model <c>blobs</c> by their hash, <c>snapshots</c> of
/// links to them by commit, and <c>refs</c> with the commit of each branch or tag.
/// </summary>
/// <param name="folder">The folder; it need not be there yet.</param>
public sealed class HubCache(string folder)
{
    /// <summary>The folder.</summary>
    public string Folder { get; } = folder;

    /// <summary>
    /// The cache of this process: <c>HF_HUB_CACHE</c>, else <c>hub</c> in <c>HF_HOME</c>, else
    /// <c>~/.cache/huggingface/hub</c> (with <c>XDG_CACHE_HOME</c> in place of <c>~/.cache</c>).
    /// </summary>
    public static HubCache Here => Of(Environment.GetEnvironmentVariable);

    /// <summary>The cache that some environment variables name.</summary>
    internal static HubCache Of(Func<string, string?> variable) => new(
        Named(variable, "HF_HUB_CACHE") ?? Named(variable, "HUGGINGFACE_HUB_CACHE") ?? Path.Combine(Home(variable), "hub"));

    /// <summary>The folder of cache and token, <c>HF_HOME</c>.</summary>
    internal static string Home(Func<string, string?> variable) =>
        Named(variable, "HF_HOME") ?? Path.Combine(Named(variable, "XDG_CACHE_HOME") ?? Expanded("~/.cache"), "huggingface");

    /// <summary>A path that a variable names, with <c>~</c> resolved; null where it is not set or empty.</summary>
    internal static string? Named(Func<string, string?> variable, string name) =>
        variable(name) is { Length: > 0 } path ? Path.GetFullPath(Expanded(path)) : null;

    /// <summary>The folder of a model.</summary>
    public string RepositoryOf(HubId id) => Path.Combine(Folder, "models--" + id.Repository.Replace("/", "--", StringComparison.Ordinal));

    /// <summary>The folder of a model's commit.</summary>
    public string SnapshotOf(HubId id, string commit) => Path.Combine(RepositoryOf(id), "snapshots", commit);

    /// <summary>The file that says which commit a branch or tag is.</summary>
    public string ReferenceOf(HubId id) => Path.Combine([RepositoryOf(id), "refs", .. id.Revision.Split('/')]);

    /// <summary>The folder of an id's files, its part included; null where the cache has no such revision, whatever it lacks of it.</summary>
    public string? Find(HubId id)
    {
        ArgumentNullException.ThrowIfNull(id);
        var reference = ReferenceOf(id);
        var commit = IsCommit(id.Revision) ? id.Revision : File.Exists(reference) ? File.ReadAllText(reference).Trim() : null;
        if (commit is null || !IsCommit(commit))
        {
            return null;
        }

        var snapshot = Path.Combine(SnapshotOf(id, commit), id.Part ?? "");
        return Directory.Exists(snapshot) ? Path.TrimEndingDirectorySeparator(snapshot) : null;
    }

    /// <summary>The branches and tags of a model that the cache has, and its commits where no name leads to them.</summary>
    public IReadOnlyList<string> Revisions(HubId id)
    {
        var (refs, snapshots) = (Path.Combine(RepositoryOf(id), "refs"), Path.Combine(RepositoryOf(id), "snapshots"));
        string[] names = !Directory.Exists(refs) ? [] : [.. Directory.EnumerateFiles(refs, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(refs, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];
        var known = names.Select(name => File.ReadAllText(Path.Combine(refs, name)).Trim()).ToHashSet();
        return !Directory.Exists(snapshots) ? [] : [.. names, .. Directory.EnumerateDirectories(snapshots)
            .Select(commit => Path.GetFileName(commit)).Where(commit => !known.Contains(commit)).Order(StringComparer.Ordinal)];
    }

    /// <summary>Whether a text is a commit's hash, 40 hexadecimal digits.</summary>
    internal static bool IsCommit(string text) => text.Length == 40 && text.All(char.IsAsciiHexDigitLower);

    private static string Expanded(string path) => path == "~" || path.StartsWith("~/", StringComparison.Ordinal)
        ? Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[1..])
        : path;
}
