using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using ActivationReplay.Models;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Replay.Methods;

/// <summary>The methods by name. One's own come to them by <see cref="Register"/>; all members may be used by any thread.</summary>
public static class ReplayMethods
{
    private static readonly ImmutableArray<IReplayMethod> BuiltIn =
    [
        new Unchanged("none", ModelRole.Rlvr),
        new Unchanged("base", ModelRole.Base),
        new KlReplay<ReplaySettings>("replay", ModelRole.Rlvr, ReplaySettings.For),
        new KlReplay<MidLayerSettings>("mid-layer", ModelRole.Rlvr, MidLayerSettings.For),
        new KlReplay<ReplaySettings>("reverse", ModelRole.Base, ReplaySettings.For),
        new CrossModel(),
        new LocalSmooth(),
        new GlobalSmooth(),
    ];

    // Changed whole: who reads it sees one list or the next.
    private static ImmutableArray<IReplayMethod> all = BuiltIn;

    /// <summary>The names: those of the engine's own methods first, then the registered ones in their order.</summary>
    public static IReadOnlyList<string> Ids => [.. all.Select(m => m.Id)];

    /// <summary>
    /// Makes a method of one's own known by its <see cref="IReplayMethod.Id"/>, to <c>ReplayPair</c> and to the
    /// configurations of the runner in this process.
    /// </summary>
    /// <exception cref="ArgumentException">The name is empty or has white space, or a method has it already.</exception>
    public static void Register(IReplayMethod method)
    {
        ArgumentNullException.ThrowIfNull(method);
        var id = method.Id;
        if (string.IsNullOrEmpty(id) || id.Any(char.IsWhiteSpace))
        {
            throw new ArgumentException($"'{id}' is no name for a method; allowed are words without white space.", nameof(method));
        }

        ImmutableInterlocked.Update(ref all, methods => methods.Any(m => m.Id == id)
            ? throw new ArgumentException(
                $"There is a method '{id}' already; take another name than {string.Join(", ", methods.Select(m => m.Id))}.", nameof(method))
            : methods.Add(method));
    }

    /// <summary>Takes a registered method away again, so that its name is free; a notebook that changes it needs this.</summary>
    /// <returns>False where no method has that name.</returns>
    /// <exception cref="ArgumentException">It is a method of the engine's own.</exception>
    public static bool Unregister(string id) => BuiltIn.Any(m => m.Id == id)
        ? throw new ArgumentException($"'{id}' is a method of the engine's own and stays.", nameof(id))
        : ImmutableInterlocked.Update(ref all, methods => methods.RemoveAll(m => m.Id == id));

    /// <summary>Finds a method by its name.</summary>
    public static bool TryGet(string id, [NotNullWhen(true)] out IReplayMethod? method) =>
        (method = all.FirstOrDefault(m => m.Id == id)) is not null;

    /// <summary>The method named <paramref name="id"/>.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static IReplayMethod Get(string id) =>
        TryGet(id, out var method)
            ? method
            : throw new ArgumentException($"There is no method '{id}'; allowed: {string.Join(", ", Ids)}.", nameof(id));

    // A model of the pair alone.
    private sealed class Unchanged(string id, ModelRole answerer) : ReplayMethod<UnchangedSettings>
    {
        public override string Id => id;

        public override ModelRole Answerer => answerer;

        public override bool IsCausal => true;

        public override UnchangedSettings Defaults(int modelLayers) => new();

        public override Preparation Prepare(ReplayContext context, UnchangedSettings settings) => new(answerer, Intervention.None);
    }
}
