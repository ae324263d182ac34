using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Replay.Recordings;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Execution;

/// <summary>A pair in memory, with its processor.</summary>
internal sealed class LoadedPair : IDisposable
{
    private readonly QwenVlModel baseModel;
    private readonly QwenVlModel rlvr;

    public LoadedPair(string baseFolder, string rlvrFolder, ScalarType? type, Device device)
    {
        Checkpoints = CheckpointPair.Open(baseFolder, rlvrFolder, type, device);
        baseModel = QwenVlModel.Load(Checkpoints.Base);
        rlvr = QwenVlModel.Load(Checkpoints.Rlvr);
        Processor = Processor.Load(Checkpoints.BaseProcessorFolder, Checkpoints.Base.Config);
        Notes = [.. Checkpoints.Notes, .. Processor.Template.Warning is { } warning ? [warning] : Array.Empty<string>()];
    }

    public CheckpointPair Checkpoints { get; }

    public Processor Processor { get; }

    /// <summary>What a user should know of the pair before trusting its numbers.</summary>
    public IReadOnlyList<string> Notes { get; }

    public IReadOnlyList<int> StopIds(ModelRole role) =>
        (role == ModelRole.Base ? Checkpoints.Base : Checkpoints.Rlvr).EosTokenIds;

    /// <summary>How many questions are computed side by side.</summary>
    public int Workers => CpuThreads.Workers(baseModel);

    public QwenVlModel Model(ModelRole role) => role == ModelRole.Base ? baseModel : rlvr;

    public ReplayContext Context(ModelInputs inputs, PromptSource source) => new(inputs, baseModel, rlvr, source);

    public void Dispose()
    {
        baseModel.Dispose();
        rlvr.Dispose();
        Checkpoints.Dispose();
    }
}
