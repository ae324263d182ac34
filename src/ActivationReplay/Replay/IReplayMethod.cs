using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Replay;

/// <summary>Which model of a pair.</summary>
public enum ModelRole
{
    /// <summary>M_b, before reinforcement learning.</summary>
    Base,

    /// <summary>M_r, post-trained with verifiable rewards.</summary>
    Rlvr,
}

/// <summary>What a method prepared for one prompt: who answers, with which intervention, and how it came about.</summary>
/// <param name="Answerer">The model that generates.</param>
/// <param name="Intervention">Applied at prefill. Owned.</param>
/// <param name="Trace">The optimisation; null where there was none.</param>
/// <param name="Cells">The learnable tokens after the last step, [count, D] fp32, before upsampling. Owned.</param>
/// <param name="Selected">Prompt positions that took part, a list a layer; empty where the method selects none.</param>
public sealed record Preparation(
    ModelRole Answerer,
    Intervention Intervention,
    OptimisationTrace? Trace = null,
    Tensor? Cells = null,
    IReadOnlyList<IReadOnlyList<int>>? Selected = null) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Intervention.Dispose();
        Cells?.Dispose();
    }
}

/// <summary>One way to steer generation. A new method is a class and a line in <see cref="ReplayMethods"/>.</summary>
public interface IReplayMethod
{
    /// <summary>The name in configurations and reports.</summary>
    string Id { get; }

    /// <summary>Whether <see cref="Prepare"/> needs the base model (or its recording).</summary>
    bool NeedsBase { get; }

    /// <summary>Computes the intervention for the prompt of <paramref name="context"/>.</summary>
    Preparation Prepare(ReplayContext context, ReplaySettings settings);
}
