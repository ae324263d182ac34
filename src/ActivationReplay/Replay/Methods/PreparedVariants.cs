using System.Diagnostics;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Replay.Methods;

/// <summary>The variants of one method on one prompt, ready to be answered, and what they took beside their loops.</summary>
/// <param name="Preparations">One a variant, in order. Owned.</param>
/// <param name="Vision">Wall-clock seconds of the vision tower's passes that they use, whoever asked for them first.</param>
/// <param name="Recording">The same of their recordings, and an equal share of choosing positions and targets.</param>
public sealed record PreparedVariants(IReadOnlyList<Preparation> Preparations, double Vision, double Recording) : IDisposable
{
    /// <summary>Prepares the variants of one prompt, and encodes it for those who answer.</summary>
    /// <inheritdoc cref="Of(IReplayMethod, IReadOnlyList{ReplayContext}, IReadOnlyList{MethodSettings})"/>
    public static PreparedVariants Of(IReplayMethod method, ReplayContext context, IReadOnlyList<MethodSettings> variants) =>
        Of(method, [context], variants)[0];

    /// <summary>Prepares the variants of several prompts together, and encodes the prompts for those who answer.</summary>
    /// <param name="method">The method.</param>
    /// <param name="contexts">The prompts and what is shared.</param>
    /// <param name="variants">The settings of each variant.</param>
    /// <returns>One a prompt. What they took beside loops and shared work, they took in equal parts.</returns>
    public static IReadOnlyList<PreparedVariants> Of(
        IReplayMethod method, IReadOnlyList<ReplayContext> contexts, IReadOnlyList<MethodSettings> variants)
    {
        foreach (var context in contexts)
        {
            context.Times.Begin();
        }

        var shared = contexts.Sum(c => c.Times.Total);
        var watch = Stopwatch.StartNew();
        var prepared = method.PrepareAll(contexts, variants);
        try
        {
            foreach (var (context, own) in contexts.Zip(prepared))
            {
                foreach (var answerer in own.Select(p => p.Answerer).Distinct())
                {
                    context.Encoded(answerer);
                }
            }
        }
        catch
        {
            Dispose(prepared.SelectMany(p => p));
            throw;
        }

        var loops = prepared.SelectMany(p => p).Sum(p => p.Trace?.Seconds ?? 0);
        var targets = (watch.Elapsed.TotalSeconds - loops - (contexts.Sum(c => c.Times.Total) - shared)) / (contexts.Count * variants.Count);
        return [.. contexts.Zip(prepared, (context, own) => new PreparedVariants(own, context.Times.Vision, context.Times.Recordings + targets))];
    }

    /// <inheritdoc/>
    public void Dispose() => Dispose(Preparations);

    private static void Dispose(IEnumerable<Preparation> prepared)
    {
        foreach (var preparation in prepared)
        {
            preparation.Dispose();
        }
    }
}
