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
/// <param name="Selected">Prompt positions that took part, a list a layer; null where the method selects none.</param>
/// <param name="Recording">What masks and targets came from; null where there was none. Not owned.</param>
public sealed record Preparation(
    ModelRole Answerer,
    Intervention Intervention,
    OptimisationTrace? Trace = null,
    Tensor? Cells = null,
    IReadOnlyList<IReadOnlyList<int>>? Selected = null,
    Recording? Recording = null) : IDisposable
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

    /// <summary>Which settings the method uses beyond generation's.</summary>
    MethodSettings Uses { get; }

    /// <summary>The settings as the method takes them, where it fixes some of those that it <see cref="Uses"/>.</summary>
    ReplaySettings Effective(ReplaySettings settings) => settings;

    /// <summary>Says what is wrong with settings for a model, before anything is computed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A layer is asked for that the model lacks.</exception>
    void Check(ReplaySettings settings, int modelLayers);

    /// <summary>The recordings that it takes, so that one can be made that serves several cells.</summary>
    IEnumerable<RecordingNeed> Needs(ReplaySettings settings) => [];

    /// <summary>Computes the intervention for the prompt of <paramref name="context"/>.</summary>
    /// <exception cref="OperationCanceledException"><see cref="ReplayContext.Cancel"/> was asked for.</exception>
    Preparation Prepare(ReplayContext context, ReplaySettings settings);

    /// <summary>Computes several variants of one prompt, in one batch where the method can. Each equals itself alone.</summary>
    IReadOnlyList<Preparation> PrepareAll(ReplayContext context, IReadOnlyList<ReplaySettings> variants) =>
        [.. variants.Select(settings => Prepare(context, settings))];
}

/// <summary>A recording that a method takes.</summary>
/// <param name="Role">Whose.</param>
/// <param name="Layers">States from the first, 1 to L+1.</param>
/// <param name="AllPositions">Every position, not the visual ones alone.</param>
/// <param name="PrefillRatio">Share of the pictures' sides that the model sees.</param>
public readonly record struct RecordingNeed(ModelRole Role, int Layers, bool AllPositions = false, double PrefillRatio = 1);

/// <summary>Groups of settings that a method can use.</summary>
[Flags]
public enum MethodSettings
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Optimiser, rate, iterations, learnable grid.</summary>
    Loop = 1,

    /// <summary>Layers, and K, direction, alignment, selection and threshold.</summary>
    Targets = 2,

    /// <summary>The one layer of methods that act at one.</summary>
    Layer = 4,

    /// <summary>Thresholds of cross-model intervention.</summary>
    CrossThresholds = 8,

    /// <summary>The target sees smaller pictures.</summary>
    PrefillRatio = 16,
}
