using ActivationReplay.Ablations.Execution;
using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Replay.Recordings;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Parity;

/// <summary>Both models of a pair in one type, and the base's processor.</summary>
internal sealed class ParityPair : IDisposable
{
    private readonly CheckpointPair pair;
    private readonly QwenVlModel baseModel;
    private readonly QwenVlModel rlvr;

    public ParityPair(string folder, ScalarType type)
    {
        pair = CheckpointPair.Open(folder, type);
        baseModel = QwenVlModel.Load(pair.Base);
        rlvr = QwenVlModel.Load(pair.Rlvr);
        CpuThreads.Use(0, baseModel);
        Processor = Processor.Load(pair.BaseProcessorFolder, pair.Base.Config);
    }

    public Processor Processor { get; }

    public QwenVlModel Model(ModelRole role) => role == ModelRole.Base ? baseModel : rlvr;

    public IReadOnlyList<int> StopIds(ModelRole role) => (role == ModelRole.Base ? pair.Base : pair.Rlvr).EosTokenIds;

    public ReplayContext Context(ModelInputs inputs, PromptSource source) => new(inputs, baseModel, rlvr, source);

    public void Dispose()
    {
        baseModel.Dispose();
        rlvr.Dispose();
        pair.Dispose();
    }
}
