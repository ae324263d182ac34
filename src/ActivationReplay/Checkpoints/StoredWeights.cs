using System.Text.Json;
using ActivationReplay.Files;

namespace ActivationReplay.Checkpoints;

/// <summary>The tensors of a checkpoint's folder, in one file or in shards, by canonical key.</summary>
internal sealed class StoredWeights : IDisposable
{
    public const string Single = "model.safetensors";
    public const string Index = "model.safetensors.index.json";

    private readonly List<SafetensorsFile> _files = [];
    private readonly ReadBuffer _buffer = new();
    private readonly SortedDictionary<string, (SafetensorsFile File, TensorEntry Entry)> _byKey = new(StringComparer.Ordinal);

    private StoredWeights()
    {
    }

    /// <summary>File and entry of each weight, in the order of their keys.</summary>
    public IReadOnlyDictionary<string, (SafetensorsFile File, TensorEntry Entry)> ByKey => _byKey;

    /// <summary>Paths of the files, in the order of their names.</summary>
    public IEnumerable<string> Paths => _files.Select(file => file.Path);

    /// <summary>Opens the files of a folder: <c>model.safetensors</c>, else the shards that the index names.</summary>
    /// <exception cref="CheckpointException">There are no such files, they are damaged, or the index does not fit them.</exception>
    public static StoredWeights Open(string folder)
    {
        var weights = new StoredWeights();
        try
        {
            var (single, index) = (Path.Combine(folder, Single), Path.Combine(folder, Index));
            if (File.Exists(single))
            {
                weights.Add(single);
            }
            else if (File.Exists(index))
            {
                weights.AddShards(folder, index);
            }
            else
            {
                throw NoWeights(folder);
            }

            return weights;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            weights.Dispose();
            throw new CheckpointException(folder, $"cannot be read: {e.Message}", cause: e);
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>The first file of weights that a folder lacks, or null where it has all: a download may have broken off.</summary>
    /// <exception cref="CheckpointException">The index is damaged.</exception>
    public static string? MissingFrom(string folder)
    {
        var index = Path.Combine(folder, Index);
        return LinkedFile.Exists(Path.Combine(folder, Single)) ? null
            : !LinkedFile.Exists(index) ? $"{Single} or {Index}"
            : ShardsOf(index).FirstOrDefault(shard => !LinkedFile.Exists(Path.Combine(folder, shard)));
    }

    /// <summary>The plain names of the files that an index names.</summary>
    /// <exception cref="CheckpointException">The index is damaged.</exception>
    public static IReadOnlyList<string> ShardsOf(string index) =>
        [.. JsonFile.Read(index, json => ReadMap(index, json)).Values.Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Frees the memory through which weights were read, when all are.</summary>
    public void ReleaseBuffer() => _buffer.Dispose();

    /// <summary>Lets the mappings go; weights that are asked for again are mapped again.</summary>
    public void Release() => _files.ForEach(file => file.Release());

    /// <inheritdoc/>
    public void Dispose() => _files.ForEach(file => file.Dispose());

    private void AddShards(string folder, string index)
    {
        var shardOf = JsonFile.Read(index, json => ReadMap(index, json));
        foreach (var shard in shardOf.Values.Distinct().Order(StringComparer.Ordinal))
        {
            if (!File.Exists(Path.Combine(folder, shard)))
            {
                var tensor = shardOf.First(pair => pair.Value == shard).Key;
                throw new CheckpointException(index, $"the index names {shard}, which is not in the folder", tensor);
            }

            Add(Path.Combine(folder, shard));
        }

        foreach (var (name, shard) in shardOf)
        {
            var path = Path.Combine(folder, shard);
            if (!_files.Exists(file => file.Path == path && file.Entries.ContainsKey(name)))
            {
                throw new CheckpointException(path, $"the file has no such tensor, but {Index} says so", name);
            }
        }
    }

    private static Dictionary<string, string> ReadMap(string index, JsonElement json)
    {
        if (!json.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object
            || !map.EnumerateObject().Any())
        {
            throw new CheckpointException(index, "weight_map must be an object that names the file of each tensor");
        }

        var shards = new Dictionary<string, string>();
        foreach (var property in map.EnumerateObject())
        {
            var shard = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : "";
            ForeignFile.RefusePickle(Path.Combine(Path.GetDirectoryName(index)!, Path.GetFileName(shard)));
            if (!IsPlainName(shard))
            {
                throw new CheckpointException(
                    index,
                    $"its file is \"{shard}\"; it must be the plain name of a safetensors file in the same folder",
                    property.Name);
            }

            shards.Add(property.Name, shard);
        }

        return shards;
    }

    /// <summary>Whether a name stays in its folder on every system.</summary>
    private static bool IsPlainName(string name) =>
        name.EndsWith(".safetensors", StringComparison.Ordinal) && name.IndexOfAny(['/', '\\', ':', '\0']) < 0;

    private void Add(string path)
    {
        var file = SafetensorsFile.Open(path, _buffer);
        _files.Add(file);
        foreach (var entry in file.Entries.Values)
        {
            if (!_byKey.TryAdd(WeightKeys.Canonical(entry.Name), (file, entry)))
            {
                var other = _byKey[WeightKeys.Canonical(entry.Name)];
                throw new CheckpointException(
                    path, $"is the same weight as {other.Entry.Name} of {other.File.Path}; each may be there once", entry.Name);
            }
        }
    }

    private static CheckpointException NoWeights(string folder)
    {
        const string Right = $"a checkpoint has {Single} or {Index} with its shards";
        var pickle = Directory.EnumerateFiles(folder).Where(ForeignFile.IsPickle).Order().FirstOrDefault();
        return pickle is null
            ? new CheckpointException(folder, $"has no weights: {Right}")
            : new CheckpointException(pickle, $"{ForeignFile.Pickle}: {Right}");
    }
}
