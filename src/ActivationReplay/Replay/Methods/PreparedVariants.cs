using System.Diagnostics;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Replay.Methods;

/// <summary>The variants of one method on one prompt, ready to be answered, and what they took beside their loops.</summary>
/// <param name="Preparations">One a variant, in order. Owned.</param>
/// <param name="Vision">Wall-clock seconds of the vision tower's passes that they use, whoever asked for them first.</param>
/// <param name="Recording">The same of their recordings, and an equal share of choosing positions and targets.</param>
public sealed record PreparedVariants(IReadOnlyList<Preparation> Preparations, double Vision, double Recording) : IDisposable
{
    /// <summary>Prepares the variants, and encodes the prompt for those who answer.</summary>
    /// <param name="method">The method.</param>
    /// <param name="context">The prompt and what is shared.</param>
    /// <param name="variants">The settings of each variant.</param>
    public static PreparedVariants Of(IReplayMethod method, ReplayContext context, IReadOnlyList<MethodSettings> variants)
    {
        context.Times.Begin();
        var shared = context.Times.Total;
        var watch = Stopwatch.StartNew();
        var prepared = method.PrepareAll(context, variants);
        try
        {
            foreach (var answerer in prepared.Select(p => p.Answerer).Distinct())
            {
                context.Encoded(answerer);
            }
        }
        catch
        {
            Dispose(prepared);
            throw;
        }

        var loops = prepared.Sum(p => p.Trace?.Seconds ?? 0);
        var targets = (watch.Elapsed.TotalSeconds - loops - (context.Times.Total - shared)) / variants.Count;
        return new PreparedVariants(prepared, context.Times.Vision, context.Times.Recordings + targets);
    }

    /// <inheritdoc/>
    public void Dispose() => Dispose(Preparations);

    private static void Dispose(IReadOnlyList<Preparation> prepared)
    {
        foreach (var preparation in prepared)
        {
            preparation.Dispose();
        }
    }
}
