using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Replay.Methods;

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
