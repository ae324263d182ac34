using ActivationReplay.Models;
using ActivationReplay.Replay.Objective;
using ActivationReplay.Replay.Recordings;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Methods;

/// <summary>What a method prepared for one prompt: who answers, with which intervention, and how it came about.</summary>
/// <param name="Answerer">The model that generates.</param>
/// <param name="Intervention">Applied at prefill. Owned.</param>
/// <param name="Trace">The optimisation; null where there was none.</param>
/// <param name="LearnableTokens">The learnable tokens after the last step, [count, D] fp32, before upsampling. Owned.</param>
/// <param name="Selected">Prompt positions that took part, a list a layer; null where the method selects none.</param>
/// <param name="Recording">What masks and targets came from; null where there was none. Not owned.</param>
public sealed record Preparation(
    ModelRole Answerer,
    Intervention Intervention,
    OptimisationTrace? Trace = null,
    Tensor? LearnableTokens = null,
    IReadOnlyList<IReadOnlyList<int>>? Selected = null,
    Recording? Recording = null) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Intervention.Dispose();
        LearnableTokens?.Dispose();
    }
}
