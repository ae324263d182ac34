using ActivationReplay.Files;

namespace ActivationReplay.Checkpoints;

/// <summary>The folder that the name of a checkpoint stands for: the one place that knows folders from ids of the hub.</summary>
/// <remarks>
/// A folder of that name counts before an id, as in transformers; <c>hf://ORG/NAME</c> is the id in any case. Ids are looked up in
/// the Hugging Face cache (<see cref="HubCache"/>), and nothing is downloaded.
/// </remarks>
public static class CheckpointFolder
{
    /// <summary>The folder of a name, or null.</summary>
    /// <param name="name">A folder, or an id as <see cref="HubId"/> reads it.</param>
    /// <param name="cache">Where ids are looked up; null is the cache of this process.</param>
    public static string? Find(string name, HubCache? cache = null) =>
        IsFolder(name) ? name : HubId.Parse(name) is { } id ? (cache ?? HubCache.Here).Find(id) : null;

    /// <summary>The folder of a name.</summary>
    /// <param name="name">A folder, or an id as <see cref="HubId"/> reads it.</param>
    /// <param name="withWeights">Whether an id's weights must be in the cache; else configuration and processor may be there alone.</param>
    /// <param name="cache">Where ids are looked up; null is the cache of this process.</param>
    /// <exception cref="CheckpointException">There is no such folder, or the cache lacks the revision or a part of it.</exception>
    public static string Locate(string name, bool withWeights = true, HubCache? cache = null)
    {
        if (IsFolder(name))
        {
            return name;
        }

        if (HubId.Parse(name) is not { } id)
        {
            throw new CheckpointException(name, "there is no such folder; a checkpoint is a folder with config.json, or the id of a model in the Hugging Face cache");
        }

        cache ??= HubCache.Here;
        return cache.Find(id) is not { } folder ? throw NotThere(name, id, cache)
            : MissingFrom(folder, withWeights) is { } file ? throw new CheckpointException(
                name, $"the Hugging Face cache has this revision without {file} ({folder}); {Pull(id)} fetches what is missing")
            : folder;
    }

    /// <summary>Whether a name is that of a folder, and so no id.</summary>
    public static bool IsFolder(string name) => !name.StartsWith(HubId.Scheme, StringComparison.Ordinal) && Directory.Exists(name);

    /// <summary>The first file that a checkpoint needs and a folder lacks, or null.</summary>
    internal static string? MissingFrom(string folder, bool withWeights) =>
        !LinkedFile.Exists(Path.Combine(folder, "config.json")) ? "config.json"
        : withWeights ? StoredWeights.MissingFrom(folder) : null;

    private static CheckpointException NotThere(string name, HubId id, HubCache cache)
    {
        var others = cache.Revisions(id);
        var folder = name.StartsWith(HubId.Scheme, StringComparison.Ordinal) ? "" : "there is no such folder, and ";
        return new CheckpointException(name, $"{folder}the Hugging Face cache ({cache.Folder}) has no "
            + (others.Count == 0 ? "such model" : $"revision {id.Revision} of this model, but {string.Join(", ", others)}")
            + (id.Part is null ? "" : $" with a folder {id.Part}") + $"; {Pull(id)} downloads it");
    }

    private static string Pull(HubId id) => $"the command `pull {id.Name}` (or `hf download {id.Repository}{(id.Revision == HubId.Main ? "" : $" --revision {id.Revision}")}`)";
}
