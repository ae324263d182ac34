using static TorchSharp.torch;

namespace ActivationReplay.Checkpoints;

/// <summary>A model's folder as the Hugging Face hub has it: configuration, weights, ids that end an answer.</summary>
/// <remarks>
/// Weights keep the names of the hub of 2025 (<c>visual.…</c>, <c>model.layers.…</c>, <c>lm_head.weight</c>); names of newer
/// libraries are mapped to them. Where type and device are kept, weights are views of the mapped file (see
/// <see cref="SafetensorsFile"/>); else each is read, converted and kept alone. Not safe for use by several threads.
/// </remarks>
public sealed class Checkpoint : IWeights, IDisposable
{
    private readonly StoredWeights _stored;
    private readonly HashSet<string> _asked = [];
    private readonly Dictionary<string, Tensor> _given = [];
    private string? _fingerprint;

    private Checkpoint(string folder, ModelConfig config, StoredWeights stored, ScalarType? dtype, Device? device)
    {
        (Folder, Config, _stored) = (folder, config, stored);
        Type = dtype ?? (stored.ByKey.TryGetValue(WeightKeys.Embedding, out var embedding)
            ? embedding.Entry.Type
            : config.StoredType);
        Device = device ?? CPU;
        EosTokenIds = EosTokens.Read(folder, config.Text.VocabularySize);
    }

    /// <summary>The folder as it was given; of an id of the hub the folder of its snapshot.</summary>
    public string Folder { get; }

    /// <summary>The configuration, from config.json.</summary>
    public ModelConfig Config { get; }

    /// <summary>The type of every weight that <see cref="Get"/> returns.</summary>
    public ScalarType Type { get; }

    /// <summary>The device of every weight that <see cref="Get"/> returns.</summary>
    public Device Device { get; }

    /// <summary>
    /// The token ids that end an answer: those of generation_config.json, else of config.json; empty if neither has any.
    /// </summary>
    public IReadOnlyList<int> EosTokenIds { get; }

    /// <summary>
    /// SHA-256, in hexadecimal, of every byte that answers depend on: config.json, generation_config.json and all files of
    /// weights, with their names. Tokenizer and processor are not covered. Reads all weights once, on all cores, when first asked for.
    /// </summary>
    /// <remarks>Equal bytes give equal fingerprints in any folder; the same weights sharded otherwise give another.</remarks>
    /// <exception cref="CheckpointException">A file cannot be read.</exception>
    public string Fingerprint => _fingerprint ??= ContentHash.Of(
        new[] { "config.json", "generation_config.json" }.Select(ProcessorFile).OfType<string>().Concat(_stored.Paths));

    /// <summary>The keys of all weights in the folder with their shapes, in the order of the keys.</summary>
    internal IEnumerable<KeyValuePair<string, TensorEntry>> Weights => _stored.ByKey
        .Where(weight => !IsIgnored(weight.Key))
        .Select(weight => KeyValuePair.Create(weight.Key, weight.Value.Entry));

    /// <summary>All weights that a model asks for, in number.</summary>
    public long WeightCount => Weights.Sum(weight => CountOf(weight.Value));

    /// <summary>Opens a folder: reads the configuration and the headers of the weights, checks both.</summary>
    /// <param name="folder">
    /// Folder with config.json and model.safetensors, or shards and their index; or the id of a model in the Hugging Face cache
    /// (<see cref="CheckpointFolder"/>).
    /// </param>
    /// <param name="dtype">
    /// Type to give all weights: Float32, Float16 or BFloat16. Null keeps the one in which the embedding is stored; the rare
    /// weight that is stored otherwise is converted to it.
    /// </param>
    /// <param name="device">Device to give the weights; null is the CPU.</param>
    /// <exception cref="CheckpointException">A file is absent or damaged, or the model is not supported.</exception>
    /// <exception cref="ArgumentException"><paramref name="dtype"/> is none of the three.</exception>
    public static Checkpoint Open(string folder, ScalarType? dtype = null, Device? device = null)
    {
        if (dtype is not null && !IsWeightType(dtype.Value))
        {
            throw new ArgumentException($"Weights cannot be {dtype}; Float32, Float16 and BFloat16 can.", nameof(dtype));
        }

        folder = CheckpointFolder.Locate(folder);
        var config = ModelConfig.Load(folder);
        var stored = StoredWeights.Open(folder);
        try
        {
            return new Checkpoint(folder, config, stored, dtype, device);
        }
        catch
        {
            stored.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The weight of a key, in <see cref="Type"/> on <see cref="Device"/>. With tied heads <c>lm_head.weight</c> is the
    /// embedding's tensor, whether or not the file has one of that name.
    /// </summary>
    /// <param name="key">A key of the hub of 2025.</param>
    /// <param name="shape">The sizes that the model needs.</param>
    /// <returns>
    /// The checkpoint's own tensor, without gradient: the same one each time, valid until the checkpoint is disposed.
    /// </returns>
    /// <exception cref="CheckpointException">There is no such weight, or it has another shape or type.</exception>
    public Tensor Get(string key, params ReadOnlySpan<long> shape)
    {
        if (Config.Text.TieWordEmbeddings && key == WeightKeys.Head)
        {
            key = WeightKeys.Embedding;
        }

        if (!_stored.ByKey.TryGetValue(key, out var weight))
        {
            throw new CheckpointException(
                Folder, $"is missing; the model needs it with shape [{Join(shape)}]", key);
        }

        var (file, entry) = weight;
        if (!shape.SequenceEqual(entry.Shape.ToArray()))
        {
            throw new CheckpointException(
                file.Path, $"has shape [{string.Join(", ", entry.Shape)}], but config.json needs [{Join(shape)}]", entry.Name);
        }

        if (!IsWeightType(entry.Type))
        {
            throw new CheckpointException(
                file.Path, $"is {SafetensorsTypes.Name(entry.Type)}; weights must be F32, F16 or BF16", entry.Name);
        }

        _asked.Add(key);
        if (!_given.TryGetValue(key, out var tensor) || tensor.IsInvalid)
        {
            _given[key] = tensor = Load(file, entry).DetachFromDisposeScope();
        }

        return tensor;
    }

    /// <summary>The bytes of all weights in a type, from their shapes: nothing is read.</summary>
    /// <param name="type">The type; null is the stored one, as in <see cref="Open"/>.</param>
    /// <param name="onCpu">Whether they are in the processor's memory.</param>
    /// <returns>Those of memory of one's own, and those that stay pages of the files.</returns>
    public (long Own, long Mapped) WeightBytes(ScalarType? type, bool onCpu)
    {
        var kept = type ?? _stored.ByKey.GetValueOrDefault(WeightKeys.Embedding).Entry?.Type ?? Config.StoredType;
        var bytes = Weights.Select(weight => weight.Value)
            .ToLookup(entry => onCpu && entry.Type == kept, entry => CountOf(entry) * SafetensorsTypes.Size(kept));
        return (bytes[false].Sum(), bytes[true].Sum());
    }

    /// <summary>Checks, after a model has taken its weights, that none is left over; what only the load needed is freed.</summary>
    /// <remarks>A head stored beside tied embeddings and the rotary constants of old libraries may be.</remarks>
    /// <exception cref="CheckpointException">The files have weights that no one asked for; the message names the first.</exception>
    public void EnsureAllUsed()
    {
        var unused = Weights.Where(weight => !_asked.Contains(weight.Key)).ToList();
        if (unused.Count > 0)
        {
            var (key, entry) = unused[0];
            throw new CheckpointException(
                _stored.ByKey[key].File.Path,
                $"is unexpected: a {Config.Family} model of this configuration has no such weight" +
                (unused.Count > 1 ? $" ({unused.Count} weights are)" : ""),
                entry.Name);
        }

        _stored.ReleaseBuffer();
    }

    /// <summary>The path of a file beside the weights, such as tokenizer.json; null where the folder has none.</summary>
    /// <param name="name">A plain file name.</param>
    public string? ProcessorFile(string name)
    {
        var path = Path.Combine(Folder, Path.GetFileName(name));
        return File.Exists(path) ? path : null;
    }

    /// <summary>Frees every tensor that was given out. What is asked for afterwards is read again.</summary>
    public void Release()
    {
        foreach (var tensor in _given.Values)
        {
            tensor.Dispose();
        }

        _given.Clear();
        _stored.Release();
    }

    /// <summary>Closes the files and frees every tensor that was given out.</summary>
    public void Dispose()
    {
        Release();
        _stored.Dispose();
    }

    private Tensor Load(SafetensorsFile file, TensorEntry entry) =>
        entry.Type == Type && Device.type == TorchSharp.DeviceType.CPU
            ? file.Read(entry.Name)
            : file.ReadCopy(entry.Name, Type, Device);

    private static long CountOf(TensorEntry entry) => entry.Shape.Aggregate(1L, (count, side) => count * side);

    private bool IsIgnored(string key) =>
        WeightKeys.IsConstant(key) || (Config.Text.TieWordEmbeddings && key == WeightKeys.Head);

    private static bool IsWeightType(ScalarType type) =>
        type is ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16;

    private static string Join(ReadOnlySpan<long> shape) => string.Join(", ", shape.ToArray());
}
