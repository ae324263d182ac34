using System.Text.Json;
using System.Text.Unicode;
using static TorchSharp.torch;

namespace ActivationReplay.Checkpoints;

/// <summary>The JSON at the head of a safetensors file, checked so that every entry can be read without a further look.</summary>
/// <param name="Entries">Tensors by name; they follow each other without gap or overlap up to the end of the file.</param>
/// <param name="Metadata">The texts under <c>__metadata__</c>.</param>
internal sealed record SafetensorsHeader(
    IReadOnlyDictionary<string, TensorEntry> Entries, IReadOnlyDictionary<string, string> Metadata)
{
    private const string MetadataKey = "__metadata__";

    /// <summary>Reads the header's JSON.</summary>
    /// <param name="path">The file, for errors.</param>
    /// <param name="json">The header, without the eight bytes of its length.</param>
    /// <param name="length">Bytes of the whole file.</param>
    /// <exception cref="CheckpointException">The header breaks a rule of the format.</exception>
    public static SafetensorsHeader Parse(string path, ReadOnlyMemory<byte> json, long length)
    {
        if (!Utf8.IsValid(json.Span))
        {
            throw new CheckpointException(path, "its header is not valid JSON: it is not UTF-8");
        }

        return JsonFile.Parse(path, "its header", json, root =>
        {
            var start = sizeof(ulong) + json.Length;
            var entries = root.EnumerateObject()
                .Where(property => property.Name != MetadataKey)
                .Select(property => ReadEntry(path, property, start, length))
                .ToDictionary(entry => entry.Name);
            EnsureContiguous(path, entries.Values, start, length);
            return new SafetensorsHeader(entries, ReadMetadata(path, root));
        });
    }

    private static TensorEntry ReadEntry(string path, JsonProperty property, long start, long length)
    {
        var (name, json) = (property.Name, property.Value);
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new CheckpointException(path, "its entry is not an object with dtype, shape and data_offsets", name);
        }

        var type = ReadType(path, name, json);
        var shape = ReadNumbers(path, name, json, "shape");
        var offsets = ReadNumbers(path, name, json, "data_offsets");
        if (offsets.Length != 2 || offsets[0] > offsets[1])
        {
            throw new CheckpointException(
                path, $"data_offsets are [{string.Join(", ", offsets)}]; they must be [begin, end] with begin <= end", name);
        }

        if (offsets[1] > length - start)
        {
            throw new CheckpointException(
                path,
                $"data_offsets [{offsets[0]}, {offsets[1]}] reach beyond the file, which has {length - start} bytes of data: " +
                "it is cut short, or its header is damaged",
                name);
        }

        var bytes = Bytes(path, name, type, shape);
        return bytes == offsets[1] - offsets[0]
            ? new TensorEntry(name, type, shape, start + offsets[0], start + offsets[1])
            : throw new CheckpointException(
                path,
                $"shape [{string.Join(", ", shape)}] of {SafetensorsTypes.Name(type)} takes {bytes} bytes, " +
                $"but data_offsets give {offsets[1] - offsets[0]}",
                name);
    }

    private static ScalarType ReadType(string path, string name, JsonElement json)
    {
        var text = json.TryGetProperty("dtype", out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
        return SafetensorsTypes.Find(text) ?? throw new CheckpointException(
            path, $"its dtype is {text ?? "absent"}; supported are {SafetensorsTypes.Names}", name);
    }

    private static long[] ReadNumbers(string path, string name, JsonElement json, string key)
    {
        var valid = json.TryGetProperty(key, out var list) && list.ValueKind == JsonValueKind.Array;
        var numbers = valid
            ? list.EnumerateArray().Select(item =>
                item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out var number) ? number : -1).ToArray()
            : [-1];
        return Array.TrueForAll(numbers, number => number >= 0)
            ? numbers
            : throw new CheckpointException(path, $"its {key} must be a list of whole numbers of at least 0", name);
    }

    private static long Bytes(string path, string name, ScalarType type, long[] shape)
    {
        try
        {
            return shape.Aggregate((long)SafetensorsTypes.Size(type), (product, size) => checked(product * size));
        }
        catch (OverflowException e)
        {
            throw new CheckpointException(
                path, $"shape [{string.Join(", ", shape)}] overflows: no file holds so many bytes", name, e);
        }
    }

    private static void EnsureContiguous(string path, IEnumerable<TensorEntry> entries, long start, long length)
    {
        var (end, last) = (start, (TensorEntry?)null);
        foreach (var entry in entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.End))
        {
            if (entry.Begin != end)
            {
                throw new CheckpointException(
                    path,
                    entry.Begin < end
                        ? $"overlaps tensor {last!.Name}: it begins at byte {entry.Begin}, before that one ends at {end}"
                        : $"lies after a hole of {entry.Begin - end} bytes behind {last?.Name ?? "the header"}; " +
                          "tensors must follow each other",
                    entry.Name);
            }

            (end, last) = (entry.End, entry);
        }

        if (end != length)
        {
            throw new CheckpointException(
                path, $"has {length - end} bytes after its last tensor {last?.Name}; the format allows none");
        }
    }

    private static Dictionary<string, string> ReadMetadata(string path, JsonElement root)
    {
        if (!root.TryGetProperty(MetadataKey, out var metadata))
        {
            return [];
        }

        return metadata.ValueKind == JsonValueKind.Object
            && metadata.EnumerateObject().All(property => property.Value.ValueKind == JsonValueKind.String)
            ? metadata.EnumerateObject().ToDictionary(property => property.Name, property => property.Value.GetString()!)
            : throw new CheckpointException(path, $"its {MetadataKey} must map texts to texts");
    }
}
