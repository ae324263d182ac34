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
/// <param name="Seconds">
/// Wall-clock seconds: those of each evaluation divided equally among the variants that still ran in it. Alone a variant takes longer, the more so where
/// others share its steps.
/// </param>
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
        var ends = MinimisePaths(evaluate, [.. variants.Select(v => new OffsetPath(v.Count, [v.Settings]))], width, device, onGradients, onRunning, cancel);
        return [.. ends.Select(path => path[0])];
    }

    /// <summary>As <see cref="Minimise"/>, with variants of one path taken from one optimisation, each where it ends.</summary>
    /// <param name="evaluate">As there, a path in place of a variant.</param>
    /// <param name="paths">The paths.</param>
    /// <param name="width">As there.</param>
    /// <param name="device">As there.</param>
    /// <param name="onGradients">As there, a path in place of a variant.</param>
    /// <param name="onRunning">As there, a path in place of a variant.</param>
    /// <param name="cancel">As there.</param>
    /// <returns>For each path what each of its variants ended with.</returns>
    internal static IReadOnlyList<IReadOnlyList<(Tensor LearnableTokens, OptimisationTrace Trace)>> MinimisePaths(
        Func<IReadOnlyList<Tensor>, int, (Tensor Losses, IReadOnlyList<Tensor> Gradients)> evaluate,
        IReadOnlyList<OffsetPath> paths,
        long width,
        Device device,
        Action<int, IReadOnlyList<Tensor>>? onGradients = null,
        Action<IReadOnlyList<bool>>? onRunning = null,
        CancellationToken cancel = default)
    {
        using var scope = NewDisposeScope();
        var started = System.Diagnostics.Stopwatch.StartNew();
        Tensor[] tokens = [.. paths.Select(p => zeros([p.Count, width], ScalarType.Float32, device, requires_grad: true))];
        OffsetStep[] steps = [.. paths.Select(p => OffsetStep.Of(p.Ends[0]))];
        PathEnd[][] ends = [.. paths.Select(p => p.Ends.Select(settings => new PathEnd(settings)).ToArray())];
        foreach (var (path, own) in tokens.Zip(ends))
        {
            Close(own, path, 0, end => end.Settings.Iterations == 0);
        }

        bool[] running = [.. ends.Select(IsRunning)];
        using var curve = new LossCurve(paths.Count, readsEachStep: paths.Any(p => p.Ends.Any(e => e.StopAt > 0)));
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
            var evaluated = running.Count(r => r);
            for (var p = 0; p < tokens.Length; p++)
            {
                if (!running[p])
                {
                    continue;
                }

                PathEnd[] open = [.. ends[p].Where(end => end.LearnableTokens is null)];
                Array.ForEach(open, end => end.Work += 1.0 / (evaluated * open.Length));
                Close(ends[p], tokens[p], iteration + 1, end =>
                    end.Settings.StopAt > 0 && iteration > 0 && curve[iteration, p] <= end.Settings.StopAt * curve[0, p]);
                if (IsRunning(ends[p]))
                {
                    steps[p].Apply(tokens[p], gradients[p], iteration + 1);
                    Close(ends[p], tokens[p], iteration + 1, end => end.Settings.Iterations == iteration + 1);
                }

                running[p] = IsRunning(ends[p]);
            }
        }

        var recorded = curve.Read();
        var evaluation = recorded.Count == 0 ? 0 : started.Elapsed.TotalSeconds / recorded.Count;
        return [.. ends.Select((own, p) => (IReadOnlyList<(Tensor, OptimisationTrace)>)[.. own.Select(end =>
        {
            double[] losses = [.. recorded.Take(end.Taken).Select(step => (double)step[p])];
            return (end.LearnableTokens!.MoveToOuterDisposeScope(), new OptimisationTrace(losses, StatusOf(losses), evaluation * end.Work));
        })])];

        void Close(PathEnd[] own, Tensor path, int taken, Func<PathEnd, bool> hasEnded)
        {
            foreach (var end in own.Where(end => end.LearnableTokens is null && hasEnded(end)))
            {
                var kept = path.detach().clone();
                scope.Attach(kept);
                (end.LearnableTokens, end.Taken) = (kept, taken);
            }
        }
    }

    private static bool IsRunning(PathEnd[] ends) => ends.Any(end => end.LearnableTokens is null);

    // A variant of a path; it has its tokens from where it has ended.
    private sealed class PathEnd(LoopSettings settings)
    {
        public LoopSettings Settings => settings;

        public Tensor? LearnableTokens { get; set; }

        public int Taken { get; set; }

        // Its share of the evaluations: an equal one of each that it ran in.
        public double Work { get; set; }
    }

    private static OptimisationStatus StatusOf(double[] losses) =>
        !Array.TrueForAll(losses, double.IsFinite) || (losses.Length > 0 && losses[^1] > 2 * losses[0])
            ? OptimisationStatus.Diverged
            : OptimisationStatus.Finished;
}
