using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using ActivationReplay.Files;
using static TorchSharp.torch;

namespace ActivationReplay.Checkpoints;

/// <summary>A tensor that is made when it is written, so that a file need not fit into memory.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Make">Makes the tensor, which the writer disposes.</param>
public sealed record TensorPlan(string Name, ScalarType Type, IReadOnlyList<long> Shape, Func<Tensor> Make)
{
    /// <summary>The number of bytes of its data.</summary>
    public long Bytes => Shape.Aggregate(1L, (a, b) => a * b) * SafetensorsTypes.Size(Type);
}

/// <summary>Writes safetensors files as Hugging Face's writer does: widest types first, then by name.</summary>
public static class SafetensorsWriter
{
    private const int ChunkElements = 1 << 26; // a Span holds less than 2 GB
    private static readonly JsonWriterOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a file, whole or not at all (<see cref="AtomicFile"/>).</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="tensors">Tensors of any device by name; they are copied to the CPU one at a time.</param>
    /// <param name="metadata">Texts to leave beside them, such as <c>format</c>.</param>
    /// <exception cref="ArgumentException">Two tensors have one name, or the format has no such name or type.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(
        string path,
        IEnumerable<KeyValuePair<string, Tensor>> tensors,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        Write(path, tensors.Select(t => new TensorPlan(t.Key, t.Value.dtype, t.Value.shape, () => t.Value.detach())), metadata);
    }

    /// <summary>Writes a file of tensors that are made one at a time, so that they need not be in memory together.</summary>
    /// <inheritdoc cref="Write(string, IEnumerable{KeyValuePair{string, Tensor}}, IReadOnlyDictionary{string, string}?)"/>
    public static void Write(
        string path, IEnumerable<TensorPlan> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var ordered = Order(tensors);
        var header = Header(ordered, metadata);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (var tensor in ordered)
            {
                WriteData(stream, tensor);
            }
        });
    }

    private static List<TensorPlan> Order(IEnumerable<TensorPlan> tensors)
    {
        var ordered = tensors
            .OrderByDescending(tensor => SafetensorsTypes.Rank(tensor.Type))
            .ThenBy(tensor => tensor.Name, StringComparer.Ordinal)
            .ToList();
        var names = new HashSet<string> { "__metadata__" };
        foreach (var (name, type, _, _) in ordered)
        {
            if (!names.Add(name))
            {
                throw new ArgumentException($"Tensor {name} is there twice, or its name is reserved.", nameof(tensors));
            }

            if (SafetensorsTypes.Rank(type) < 0)
            {
                throw new ArgumentException(
                    $"Tensor {name} is {type}; the format has {SafetensorsTypes.Names}.", nameof(tensors));
            }
        }

        return ordered;
    }

    /// <summary>Length and JSON, filled with blanks so that the data begins at a multiple of eight bytes.</summary>
    private static byte[] Header(List<TensorPlan> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var stream = new MemoryStream();
        stream.Write(stackalloc byte[sizeof(ulong)]);
        using (var json = new Utf8JsonWriter(stream, s_plain))
        {
            json.WriteStartObject();
            if (metadata is not null)
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            var begin = 0L;
            foreach (var tensor in tensors)
            {
                var end = begin + tensor.Bytes;
                WriteEntry(json, tensor, begin, end);
                begin = end;
            }

            json.WriteEndObject();
        }

        while (stream.Length % sizeof(ulong) != 0)
        {
            stream.WriteByte((byte)' ');
        }

        var bytes = stream.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(bytes, bytes.Length - sizeof(ulong));
        return bytes;
    }

    private static void WriteEntry(Utf8JsonWriter json, TensorPlan tensor, long begin, long end)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", SafetensorsTypes.Name(tensor.Type));
        json.WriteStartArray("shape");
        foreach (var size in tensor.Shape)
        {
            json.WriteNumberValue(size);
        }

        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(begin);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteData(Stream stream, TensorPlan plan)
    {
        using var scope = NewDisposeScope();
        using var tensor = plan.Make();
        if (tensor.dtype != plan.Type || !tensor.shape.SequenceEqual(plan.Shape))
        {
            throw new InvalidOperationException(
                $"Tensor {plan.Name} was announced as {plan.Type} [{string.Join(", ", plan.Shape)}], "
                + $"but is {tensor.dtype} [{string.Join(", ", tensor.shape)}].");
        }

        var flat = tensor.detach().cpu().contiguous().view(-1);
        for (long done = 0; done < flat.shape[0]; done += ChunkElements)
        {
            using var part = flat.narrow(0, done, Math.Min(ChunkElements, flat.shape[0] - done));
            stream.Write(part.bytes);
        }
    }
}
