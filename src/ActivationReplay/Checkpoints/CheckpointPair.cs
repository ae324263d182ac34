using static TorchSharp.torch;

namespace ActivationReplay.Checkpoints;

/// <summary>A base model and the model post-trained from it, checked to be of one architecture and vocabulary.</summary>
public sealed class CheckpointPair : IDisposable
{
    private static readonly (string Name, Func<Checkpoint, bool> IsIn)[] s_processorParts =
    [
        ("tokenizer.json", checkpoint => checkpoint.ProcessorFile("tokenizer.json") is not null),
        ("picture processor", HasPictures),
        ("chat template", checkpoint => ChatTemplateFile.Find(checkpoint.Folder) is not null),
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

    /// <summary>The folder of base's tokenizer, picture processor and chat template.</summary>
    public string BaseProcessorFolder { get; }

    /// <summary>
    /// The folder of RLVR's tokenizer, picture processor and chat template: its own, or base's if its own lacks one of them.
    /// </summary>
    public string RlvrProcessorFolder { get; }

    /// <summary>
    /// Notes for the user, one sentence each: on files taken from base, and on settings that differ without harm.
    /// </summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Opens two folders and names the first difference between them, if there is one.</summary>
    /// <param name="baseFolder">Folder of the base model.</param>
    /// <param name="rlvrFolder">Folder of the post-trained model.</param>
    /// <param name="dtype">Type to give all weights; null keeps each model's stored one.</param>
    /// <param name="device">Device to give the weights; null is the CPU.</param>
    /// <param name="rlvrDevice">Device to give RLVR's weights where that is another.</param>
    /// <exception cref="CheckpointException">A folder cannot be used, or the two do not fit.</exception>
    public static CheckpointPair Open(
        string baseFolder, string rlvrFolder, ScalarType? dtype = null, Device? device = null, Device? rlvrDevice = null)
    {
        Checkpoint? @base = null, rlvr = null;
        try
        {
            @base = Checkpoint.Open(baseFolder, dtype, device);
            rlvr = Checkpoint.Open(rlvrFolder, dtype, rlvrDevice ?? device);
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

    private void NoteDifferences()
    {
        if (!Base.EosTokenIds.Order().SequenceEqual(Rlvr.EosTokenIds.Order()))
        {
            _notes.Add(
                $"eos_token_id is [{string.Join(", ", Rlvr.EosTokenIds)}] in rlvr, but [{string.Join(", ", Base.EosTokenIds)}] " +
                "in base: each model ends at its own");
        }

        NoteProcessors();
        if (ChatTemplateFile.Find(Base.Folder) is { } ours && ChatTemplateFile.Find(Rlvr.Folder) is { } theirs
            && ours.Source.TrimEnd() != theirs.Source.TrimEnd())
        {
            _notes.Add($"chat template of rlvr differs from base's: {theirs.Path}");
        }
    }

    // By what they say, not by their bytes: the two folders may have been written by different libraries.
    private void NoteProcessors()
    {
        if (!HasPictures(Base) || !HasPictures(Rlvr))
        {
            return;
        }

        string[] pictures = [.. ImageProcessorConfig.Load(Rlvr.Folder).Differences(ImageProcessorConfig.Load(Base.Folder))];
        string[] frames =
            [.. ImageProcessorConfig.LoadForFrames(Rlvr.Folder).Differences(ImageProcessorConfig.LoadForFrames(Base.Folder))];
        foreach (var (what, differences) in new[] { ("picture", pictures), ("video", frames.Except(pictures).ToArray()) })
        {
            if (differences.Length > 0)
            {
                _notes.Add($"{what} processor of rlvr differs from base's: {string.Join(", ", differences)}");
            }
        }
    }

    private static bool HasPictures(Checkpoint checkpoint) => ProcessorFiles.FindPictures(checkpoint.Folder) is not null;
}
