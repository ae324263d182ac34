using System.Text.Json;
using static TorchSharp.torch;

namespace ActivationReplay.Checkpoints;

/// <summary>A base model and the model post-trained from it, checked to be of one architecture and vocabulary.</summary>
public sealed class CheckpointPair : IDisposable
{
    private static readonly (string Name, Func<Checkpoint, bool> IsIn)[] s_processorParts =
    [
        ("tokenizer.json", checkpoint => checkpoint.ProcessorFile("tokenizer.json") is not null),
        ("preprocessor_config.json", checkpoint => checkpoint.ProcessorFile("preprocessor_config.json") is not null),
        ("chat template", HasTemplate),
    ];

    private readonly List<string> _notes = [];

    private CheckpointPair(Checkpoint @base, Checkpoint rlvr)
    {
        (Base, Rlvr) = (@base, rlvr);
        PairDifferences.Refuse(@base, rlvr);
        BaseProcessorFolder = @base.Folder;
        RlvrProcessorFolder = ChooseRlvrProcessor();
        NoteDifferences();
    }

    /// <summary>M_b, the model before reinforcement learning.</summary>
    public Checkpoint Base { get; }

    /// <summary>M_r, the model after it.</summary>
    public Checkpoint Rlvr { get; }

    /// <summary>Where base's tokenizer.json, preprocessor_config.json and chat template come from.</summary>
    public string BaseProcessorFolder { get; }

    /// <summary>The same for rlvr: its own folder, or base's where that has a part which rlvr's lacks.</summary>
    public string RlvrProcessorFolder { get; }

    /// <summary>What a user should know, a sentence each: files taken from base, settings that differ without harm.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Opens two folders and names the first difference between them, if there is one.</summary>
    /// <param name="baseFolder">Folder of the base model.</param>
    /// <param name="rlvrFolder">Folder of the post-trained model.</param>
    /// <param name="dtype">Type to give all weights; null keeps each model's stored one.</param>
    /// <param name="device">Device to give the weights; null is the CPU.</param>
    /// <exception cref="CheckpointException">A folder cannot be used, or the two do not fit.</exception>
    public static CheckpointPair Open(
        string baseFolder, string rlvrFolder, ScalarType? dtype = null, Device? device = null)
    {
        Checkpoint? @base = null, rlvr = null;
        try
        {
            @base = Checkpoint.Open(baseFolder, dtype, device);
            rlvr = Checkpoint.Open(rlvrFolder, dtype, device);
            return new CheckpointPair(@base, rlvr);
        }
        catch
        {
            @base?.Dispose();
            rlvr?.Dispose();
            throw;
        }
    }

    /// <summary>Opens the folders <c>base</c> and <c>rlvr</c> of a pair's folder.</summary>
    /// <param name="pairFolder">Folder that holds both.</param>
    /// <param name="dtype">Type to give all weights; null keeps each model's stored one.</param>
    /// <param name="device">Device to give the weights; null is the CPU.</param>
    /// <exception cref="CheckpointException">A folder is absent or cannot be used, or the two do not fit.</exception>
    public static CheckpointPair Open(string pairFolder, ScalarType? dtype = null, Device? device = null) =>
        Open(Path.Combine(pairFolder, "base"), Path.Combine(pairFolder, "rlvr"), dtype, device);

    /// <summary>Disposes both checkpoints and the tensors they gave out.</summary>
    public void Dispose()
    {
        Base.Dispose();
        Rlvr.Dispose();
    }

    private string ChooseRlvrProcessor()
    {
        var lacking = s_processorParts.Where(part => !part.IsIn(Rlvr) && part.IsIn(Base)).ToList();
        _notes.AddRange(lacking.Select(part => $"rlvr has no {part.Name}: base's is used"));
        if (lacking.Count > 0)
        {
            _notes.AddRange(s_processorParts.Where(part => part.IsIn(Rlvr)).Select(part =>
                $"rlvr's {part.Name} is not used: the whole processor comes from one folder"));
        }

        return lacking.Count > 0 ? Base.Folder : Rlvr.Folder;
    }

    private static bool HasTemplate(Checkpoint checkpoint) =>
        checkpoint.ProcessorFile("chat_template.jinja") is not null
        || checkpoint.ProcessorFile("chat_template.json") is not null
        || (checkpoint.ProcessorFile("tokenizer_config.json") is { } path
            && JsonFile.Read(path, json => json.TryGetProperty("chat_template", out _)));

    private void NoteDifferences()
    {
        if (!Base.EosTokenIds.Order().SequenceEqual(Rlvr.EosTokenIds.Order()))
        {
            _notes.Add(
                $"eos_token_id is [{string.Join(", ", Rlvr.EosTokenIds)}] in rlvr, but [{string.Join(", ", Base.EosTokenIds)}] " +
                "in base: each model ends at its own");
        }

        foreach (var file in new[] { "preprocessor_config.json", "chat_template.json" })
        {
            if (Base.ProcessorFile(file) is { } ours && Rlvr.ProcessorFile(file) is { } theirs && !SameJson(ours, theirs))
            {
                _notes.Add($"{file} of rlvr differs from base's");
            }
        }
    }

    private static bool SameJson(string first, string second) => JsonFile.Read(first, ours =>
        JsonFile.Read(second, theirs => JsonElement.DeepEquals(ours, theirs)));
}
