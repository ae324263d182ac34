using static TorchSharp.torch;

namespace ActivationReplay.Replay.Objective;

/// <summary>How an optimisation ended.</summary>
public enum OptimisationStatus
{
    /// <summary>All steps were taken, or the stopping loss was reached, and the last loss is at most twice the first.</summary>
    Finished,

    /// <summary>The loss became infinite or NaN, or the last loss is more than twice the first: do not trust the offsets.</summary>
    Diverged,
}

/// <summary>The course of an optimisation.</summary>
/// <param name="Losses">The loss before each step, in nats per learnable token.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Seconds">Wall-clock seconds of the loop, divided equally among the variants that ran in it.</param>
public sealed record OptimisationTrace(IReadOnlyList<double> Losses, OptimisationStatus Status, double Seconds)
{
    /// <summary>
    /// The first step, from 0, whose loss is infinite or NaN, so that the offsets cannot be used; null if all losses are finite.
    /// </summary>
    public int? BrokenStep { get; } = FirstBroken(Losses);

    private static int? FirstBroken(IReadOnlyList<double> losses)
    {
        var step = losses.Index().FirstOrDefault(l => !double.IsFinite(l.Item), (-1, 0)).Index;
        return step < 0 ? null : step;
    }
}

/// <summary>
/// Minimises a loss over zero-initialised learnable tokens, with the optimiser, learning rate and iterations of
/// <see cref="LoopSettings"/>. The models' weights never change.
/// </summary>
public static class OffsetOptimiser
{
    /// <summary>
    /// Minimises the losses of C variants in one loop, each over its own learnable tokens, which start at 0. A variant that has
    /// taken its iterations, or reached <see cref="LoopSettings.StopAt"/>, takes no further steps. The losses stay on the device
    /// until the last step, unless one of the variants has to be compared with its <see cref="LoopSettings.StopAt"/>.
    /// </summary>
    /// <param name="evaluate">
    /// Takes the learnable tokens of all variants, [count, width] each, and the step from 0; returns the losses, [C], and each
    /// variant's gradient, [count, width], fp32. The tokens have requires_grad set, so that autograd can be used. An example is
    /// <see cref="ReplayObjective.Evaluate(IReadOnlyList{Tensor}, IReadOnlyList{LearnableGrid})"/>.
    /// </param>
    /// <param name="variants">For each variant its number of learnable tokens, and its settings.</param>
    /// <param name="width">D, the width of the hidden states.</param>
    /// <param name="device">The device of the learnable tokens, which is the student's.</param>
    /// <param name="onGradients">
    /// If given, called before each step with its index and each variant's gradient, [count, width].
    /// </param>
    /// <param name="onRunning">
    /// If given, called where variants have ended and others go on, with which of them do; <paramref name="evaluate"/> may leave out the
    /// others from then on.
    /// </param>
    /// <param name="cancel">Cancels the loop between steps.</param>
    /// <returns>
    /// For each variant its learnable tokens after the last step, [count, width] fp32, in the caller's dispose scope, and the
    /// course of its optimisation.
    /// </returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was cancelled.</exception>
    public static IReadOnlyList<(Tensor LearnableTokens, OptimisationTrace Trace)> Minimise(
        Func<IReadOnlyList<Tensor>, int, (Tensor Losses, IReadOnlyList<Tensor> Gradients)> evaluate,
        IReadOnlyList<(int Count, LoopSettings Settings)> variants,
        long width,
        Device device,
        Action<int, IReadOnlyList<Tensor>>? onGradients = null,
        Action<IReadOnlyList<bool>>? onRunning = null,
        CancellationToken cancel = default)
    {
        using var scope = NewDisposeScope();
        var started = System.Diagnostics.Stopwatch.StartNew();
        Tensor[] tokens =
            [.. variants.Select(v => zeros([v.Count, width], ScalarType.Float32, device, requires_grad: true))];
        OffsetStep[] steps = [.. variants.Select(v => OffsetStep.Of(v.Settings))];
        var taken = new int[variants.Count]; // losses of each variant
        var running = variants.Select(v => v.Settings.Iterations > 0).ToArray();
        using var curve = new LossCurve(variants.Count, readsEachStep: variants.Any(v => v.Settings.StopAt > 0));
        for (var iteration = 0; running.Contains(true); iteration++)
        {
            cancel.ThrowIfCancellationRequested();
            if (running.Contains(false))
            {
                onRunning?.Invoke(running);
            }

            using var pass = NewDisposeScope();
            var (losses, gradients) = evaluate(tokens, iteration);
            onGradients?.Invoke(iteration, gradients);
            using var quiet = no_grad();
            curve.Add(losses);
            for (var v = 0; v < tokens.Length; v++)
            {
                if (!running[v])
                {
                    continue;
                }

                var settings = variants[v].Settings;
                var reached = settings.StopAt > 0 && iteration > 0 && curve[iteration, v] <= settings.StopAt * curve[0, v];
                running[v] = !reached && iteration + 1 < settings.Iterations;
                taken[v] = iteration + 1;
                if (!reached)
                {
                    steps[v].Apply(tokens[v], gradients[v], iteration + 1);
                }
            }
        }

        var recorded = curve.Of(taken);
        var seconds = started.Elapsed.TotalSeconds / variants.Count;
        return
        [
            .. tokens.Select((c, v) => (
                c.detach().MoveToOuterDisposeScope(),
                new OptimisationTrace(recorded[v], StatusOf(recorded[v]), seconds))),
        ];
    }

    private static OptimisationStatus StatusOf(IReadOnlyList<double> losses) =>
        losses.Any(l => !double.IsFinite(l)) || (losses.Count > 0 && losses[^1] > 2 * losses[0])
            ? OptimisationStatus.Diverged
            : OptimisationStatus.Finished;
}
