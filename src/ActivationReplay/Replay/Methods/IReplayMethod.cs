using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Replay.Methods;

/// <summary>
/// One way to steer generation. A new method is a class that derives from <see cref="ReplayMethod{TSettings}"/>, or implements
/// this interface, and a call of <see cref="ReplayMethods.Register"/>; docs/library.md has one, whole. It is stateless: any
/// thread may use it for any prompt.
/// </summary>
public interface IReplayMethod
{
    /// <summary>The name in configurations and reports, without white space.</summary>
    string Id { get; }

    /// <summary>The model that answers. The other one may be gone when <see cref="Prepare"/> is called, if only its recordings are needed.</summary>
    ModelRole Answerer { get; }

    /// <summary>
    /// Whether what it changes at a position depends on the prompt up to there alone. Then keys and values of the prompt hold in
    /// every longer one that begins with it, as in the next turn of a conversation, and are not computed again.
    /// </summary>
    bool IsCausal => false;

    /// <summary>
    /// The settings for a model of a depth where none are given. Their type is the type of settings that the method takes, and
    /// decides which keys of a configuration it has.
    /// </summary>
    /// <param name="modelLayers">L, the number of the model's decoder layers.</param>
    MethodSettings Defaults(int modelLayers);

    /// <summary>Says what is wrong with settings for a model, before anything is computed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A layer is asked for that the model lacks.</exception>
    /// <exception cref="ArgumentException">The settings are another method's.</exception>
    void Check(MethodSettings settings, int modelLayers);

    /// <summary>
    /// The recordings that <see cref="Prepare"/> will ask its context for, so that one can be made that serves several methods,
    /// and so that a model that is only recorded need not stay in memory.
    /// </summary>
    IEnumerable<RecordingNeed> Needs(MethodSettings settings);

    /// <summary>
    /// Computes the intervention for the prompt of <paramref name="context"/>. It leaves no tensor behind but those that the
    /// preparation owns: make the others within a dispose scope of its own.
    /// </summary>
    /// <param name="context">The prompt, the models, and what they encoded and recorded.</param>
    /// <param name="settings">What to do; <see cref="Check"/> has passed them.</param>
    /// <exception cref="OperationCanceledException"><see cref="ReplayContext.Cancel"/> was asked for.</exception>
    Preparation Prepare(ReplayContext context, MethodSettings settings);

    /// <summary>Computes several variants of one prompt, in one batch where the method can. Each equals itself alone.</summary>
    IReadOnlyList<Preparation> PrepareAll(ReplayContext context, IReadOnlyList<MethodSettings> variants);

    /// <summary>
    /// Computes the same variants of several prompts of the same models, in one batch where the method can. Each equals itself alone, but
    /// for the order of sums. An exception about one of the prompts is one of all: prepare each alone then.
    /// </summary>
    /// <returns>Of each prompt a preparation a variant.</returns>
    IReadOnlyList<IReadOnlyList<Preparation>> PrepareAll(IReadOnlyList<ReplayContext> contexts, IReadOnlyList<MethodSettings> variants) =>
        PreparedTogether.Lists(contexts, context => PrepareAll(context, variants));
}

/// <summary>A method that takes settings of one type; others are refused before anything is computed.</summary>
/// <typeparam name="TSettings">The settings that it takes.</typeparam>
public abstract class ReplayMethod<TSettings> : IReplayMethod
    where TSettings : MethodSettings
{
    /// <inheritdoc/>
    public abstract string Id { get; }

    /// <inheritdoc/>
    public virtual ModelRole Answerer => ModelRole.Rlvr;

    /// <inheritdoc/>
    public virtual bool IsCausal => false;

    /// <inheritdoc cref="IReplayMethod.Defaults"/>
    public abstract TSettings Defaults(int modelLayers);

    /// <inheritdoc cref="IReplayMethod.Needs"/>
    public virtual IEnumerable<RecordingNeed> Needs(TSettings settings) => [];

    /// <inheritdoc cref="IReplayMethod.Prepare"/>
    public abstract Preparation Prepare(ReplayContext context, TSettings settings);

    /// <inheritdoc cref="IReplayMethod.PrepareAll(ReplayContext, IReadOnlyList{MethodSettings})"/>
    public virtual IReadOnlyList<Preparation> PrepareAll(ReplayContext context, IReadOnlyList<TSettings> variants) =>
        PreparedTogether.Each(variants, settings => Prepare(context, settings));

    /// <inheritdoc cref="IReplayMethod.PrepareAll(IReadOnlyList{ReplayContext}, IReadOnlyList{MethodSettings})"/>
    public virtual IReadOnlyList<IReadOnlyList<Preparation>> PrepareAll(
        IReadOnlyList<ReplayContext> contexts, IReadOnlyList<TSettings> variants) =>
        PreparedTogether.Lists(contexts, context => PrepareAll(context, variants));

    /// <inheritdoc/>
    public void Check(MethodSettings settings, int modelLayers) => Own(settings).Check(modelLayers);

    MethodSettings IReplayMethod.Defaults(int modelLayers) => Defaults(modelLayers);

    IEnumerable<RecordingNeed> IReplayMethod.Needs(MethodSettings settings) => Needs(Own(settings));

    Preparation IReplayMethod.Prepare(ReplayContext context, MethodSettings settings) => Prepare(context, Own(settings));

    IReadOnlyList<Preparation> IReplayMethod.PrepareAll(ReplayContext context, IReadOnlyList<MethodSettings> variants) =>
        PrepareAll(context, [.. variants.Select(Own)]);

    IReadOnlyList<IReadOnlyList<Preparation>> IReplayMethod.PrepareAll(
        IReadOnlyList<ReplayContext> contexts, IReadOnlyList<MethodSettings> variants) => PrepareAll(contexts, [.. variants.Select(Own)]);

    private TSettings Own(MethodSettings settings) => settings as TSettings
        ?? throw new ArgumentException($"'{Id}' takes {typeof(TSettings).Name}, not {settings?.GetType().Name ?? "null"}.", nameof(settings));
}
