using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using ActivationReplay.Lens;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Recordings;

/// <summary>A recording on disk cannot be used.</summary>
/// <param name="path">The file.</param>
/// <param name="problem">What is wrong, and what would be right.</param>
public sealed class RecordingException(string path, string problem) : Exception($"{path}: {problem}")
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;
}

/// <summary>Identifies what was recorded, so that a file is refused for another checkpoint, prompt or setting.</summary>
/// <param name="Checkpoint"><see cref="Checkpoints.Checkpoint.Fingerprint"/> of the recorded model.</param>
/// <param name="Prompt">SHA-256 of token ids, rotary positions and pixel values, in hexadecimal.</param>
/// <param name="PrefillRatio">The factor by which the sides of the pictures were scaled for the recorded model.</param>
public sealed record RecordingKey(string Checkpoint, string Prompt, double PrefillRatio)
{
    /// <summary>The key of a recording of a checkpoint on a prompt.</summary>
    public static RecordingKey Of(Checkpoint checkpoint, ModelInputs inputs, double prefillRatio = 1) =>
        new(checkpoint.Fingerprint, HashOf(inputs), prefillRatio);

    private static string HashOf(ModelInputs inputs)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Join(',', inputs.Ids)));
        foreach (var axis in inputs.Positions)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(string.Join(',', axis)));
        }

        if (inputs.Pixels is { } pixels)
        {
            hash.AppendData(pixels.bytes);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}

/// <summary>
/// Stores recordings as safetensors files, so that the two models of a pair need not be in memory at the same time.
/// </summary>
public static class RecordingFile
{
    private const string Format = "activation-replay-recording-3";

    /// <summary>Writes a recording, the top tokens that it keeps, and what it belongs to.</summary>
    /// <param name="path">The file.</param>
    /// <param name="recording">The recording.</param>
    /// <param name="key">What it belongs to.</param>
    /// <param name="withStates">Whether the states are written; entropies and kept tokens always are.</param>
    public static void Save(string path, Recording recording, RecordingKey key, bool withStates = true)
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>
        {
            ["entropies"] = recording.Entropies,
            ["positions"] = tensor(recording.Positions.Select(p => (long)p).ToArray()),
        };
        if (withStates && recording.States is { } states)
        {
            tensors["states"] = states.cpu();
        }

        foreach (var (index, (query, tokens)) in recording.Kept.Index())
        {
            tensors[Part(index, "query")] = tensor([query.Layer, query.Count, .. query.Positions.Select(p => (long)p)]);
            tensors[Part(index, "ids")] = tokens.Ids.cpu();
            tensors[Part(index, "probabilities")] = tokens.Probabilities.cpu();
        }

        SafetensorsWriter.Write(path, tensors, Metadata(key));
    }

    /// <summary>Reads a recording onto <paramref name="device"/>; null is the CPU.</summary>
    /// <exception cref="RecordingException">
    /// The file has another format, or belongs to another checkpoint, prompt or setting; the message says which.
    /// </exception>
    /// <exception cref="CheckpointException">The file is damaged or not there.</exception>
    public static Recording Load(string path, RecordingKey key, Device? device = null)
    {
        using var file = SafetensorsFile.Open(path);
        foreach (var (name, expected) in Metadata(key))
        {
            var found = file.Metadata.GetValueOrDefault(name);
            if (found != expected)
            {
                throw new RecordingException(
                    path, $"its {name} is {found ?? "not given"}, this run's is {expected}; record this checkpoint and prompt anew");
            }
        }

        using var scope = NewDisposeScope();
        var recording = new Recording(
            [.. file.Read("positions").data<long>().Select(p => (int)p)],
            file.Read("entropies").clone().DetachFromDisposeScope(),
            file.Entries.ContainsKey("states") ? Copy("states").DetachFromDisposeScope() : null);
        for (var i = 0; file.Entries.ContainsKey(Part(i, "query")); i++)
        {
            int[] query = [.. file.Read(Part(i, "query")).data<long>().Select(p => (int)p)];
            recording.Keep(new TokenQuery(query[0], query[1], query[2..]), new TopTokens(Copy(Part(i, "ids")), Copy(Part(i, "probabilities"))));
        }

        return recording;

        // The file's mapping ends with this method.
        Tensor Copy(string name) => file.Read(name).clone().to(device ?? CPU);
    }

    private static string Part(int index, string name) => string.Create(CultureInfo.InvariantCulture, $"tokens.{index}.{name}");

    private static Dictionary<string, string> Metadata(RecordingKey key) => new()
    {
        ["format"] = Format,
        ["checkpoint"] = key.Checkpoint,
        ["prompt"] = key.Prompt,
        ["prefill ratio"] = key.PrefillRatio.ToString("R", CultureInfo.InvariantCulture),
    };
}
