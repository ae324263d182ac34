using System.Diagnostics.CodeAnalysis;
using ActivationReplay.Models;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Replay.Methods;

/// <summary>The methods by name.</summary>
public static class ReplayMethods
{
    private static readonly IReplayMethod[] All =
    [
        new Unchanged("none", ModelRole.Rlvr),
        new Unchanged("base", ModelRole.Base),
        new KlReplay("replay", ModelRole.Rlvr, atOneLayer: false),
        new KlReplay("mid-layer", ModelRole.Rlvr, atOneLayer: true),
        new KlReplay("reverse", ModelRole.Base, atOneLayer: false),
        new CrossModel(),
        new LocalSmooth(),
        new GlobalSmooth(),
    ];

    /// <summary>The names, in the order of the design.</summary>
    public static IReadOnlyList<string> Ids { get; } = [.. All.Select(m => m.Id)];

    /// <summary>Finds a method by its name.</summary>
    public static bool TryGet(string id, [NotNullWhen(true)] out IReplayMethod? method) =>
        (method = Array.Find(All, m => m.Id == id)) is not null;

    /// <summary>The method named <paramref name="id"/>.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static IReplayMethod Get(string id) =>
        TryGet(id, out var method)
            ? method
            : throw new ArgumentException($"There is no method '{id}'; allowed: {string.Join(", ", Ids)}.", nameof(id));

    // A model of the pair alone.
    private sealed class Unchanged(string id, ModelRole answerer) : IReplayMethod
    {
        public string Id => id;

        public MethodSettings Uses => MethodSettings.None;

        public void Check(ReplaySettings settings, int modelLayers)
        {
            // It uses no layer.
        }

        public Preparation Prepare(ReplayContext context, ReplaySettings settings) => new(answerer, Intervention.None);
    }
}
