using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Replay.Methods;

/// <summary>
/// One way to steer generation. A new method is a class that implements this interface and a call of
/// <see cref="ReplayMethods.Register"/>; docs/library.md has one, whole. It is stateless: any thread may use it for any prompt.
/// </summary>
public interface IReplayMethod
{
    /// <summary>The name in configurations and reports, without white space.</summary>
    string Id { get; }

    /// <summary>
    /// Which groups of settings the method reads. A configuration's axes of other groups do not multiply its cells, and two
    /// cells that differ in other groups alone are one.
    /// </summary>
    MethodSettings Uses { get; }

    /// <summary>The settings as the method takes them, where it fixes some of those that it <see cref="Uses"/>.</summary>
    ReplaySettings Effective(ReplaySettings settings) => settings;

    /// <summary>Says what is wrong with settings for a model, before anything is computed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A layer is asked for that the model lacks.</exception>
    void Check(ReplaySettings settings, int modelLayers);

    /// <summary>
    /// The recordings that <see cref="Prepare"/> will ask its context for, so that one can be made that serves several methods.
    /// Without them all still works, and may be recorded twice.
    /// </summary>
    IEnumerable<RecordingNeed> Needs(ReplaySettings settings) => [];

    /// <summary>
    /// Computes the intervention for the prompt of <paramref name="context"/>. It leaves no tensor behind but those that the
    /// preparation owns: make the others within a dispose scope of its own.
    /// </summary>
    /// <param name="context">The prompt, both models, and what they encoded and recorded.</param>
    /// <param name="settings">What to do; <see cref="Check"/> has passed them.</param>
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
