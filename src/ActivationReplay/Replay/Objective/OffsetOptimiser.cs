using static TorchSharp.torch;

namespace ActivationReplay.Replay.Objective;

/// <summary>How an optimisation ended.</summary>
public enum OptimisationStatus
{
    /// <summary>All steps were taken, or the loss that was asked for was reached, and it stayed within twice its start.</summary>
    Finished,

    /// <summary>The loss became infinite or NaN, or ended above twice its start: the offsets are not to be trusted.</summary>
    Diverged,
}

/// <summary>What an optimisation did.</summary>
/// <param name="Losses">The loss before each step, nats a learnable token.</param>
/// <param name="Status">Whether it can be used.</param>
/// <param name="Seconds">Wall-clock time of the loop; an equal share where variants shared it.</param>
public sealed record OptimisationTrace(IReadOnlyList<double> Losses, OptimisationStatus Status, double Seconds)
{
    /// <summary>
    /// The first step, from 0, whose loss is infinite or NaN: the offsets are no numbers to answer with. Null where all are.
    /// </summary>
    public int? BrokenStep { get; } = FirstBroken(Losses);

    private static int? FirstBroken(IReadOnlyList<double> losses)
    {
        var step = losses.Index().FirstOrDefault(l => !double.IsFinite(l.Item), (-1, 0)).Index;
        return step < 0 ? null : step;
    }
}

/// <summary>
/// Gradient descent on zero-initialised offsets by the optimiser, rate and iterations of <see cref="LoopSettings"/>.
/// The weights never change.
/// </summary>
public static class OffsetOptimiser
{
    /// <summary>
    /// Minimises the losses of several variants in one loop, each over learnable tokens of its own, which start
    /// at 0. A variant that has taken its iterations, or reached <see cref="LoopSettings.StopAt"/>, moves no more.
    /// </summary>
    /// <param name="evaluate">
    /// Takes the tokens of all variants and the step from 0; gives their losses [C] and the gradient [count, width] of each at
    /// its tokens, fp32. The tokens ask for gradients, so that autograd can be used. <see cref="ReplayObjective.Evaluate(IReadOnlyList{Tensor}, IReadOnlyList{LearnableGrid})"/>
    /// is such a function.
    /// </param>
    /// <param name="variants">How many learnable tokens each variant has, and its optimiser, rate and iterations.</param>
    /// <param name="width">D, the width of the hidden states.</param>
    /// <param name="device">Where the tokens live: the student's device.</param>
    /// <param name="onGradient">Sees each step's gradient [count, width] of the first variant before the step is taken.</param>
    /// <param name="cancel">Gives the loop up between steps.</param>
    /// <returns>
    /// The tokens after the last step, [count, width] fp32, which belong to the caller's dispose scope, and what the loop did.
    /// </returns>
    /// <exception cref="OperationCanceledException">Given up.</exception>
    public static IReadOnlyList<(Tensor Cells, OptimisationTrace Trace)> Minimise(
        Func<IReadOnlyList<Tensor>, int, (Tensor Losses, IReadOnlyList<Tensor> Gradients)> evaluate,
        IReadOnlyList<(int Count, LoopSettings Settings)> variants,
        long width,
        Device device,
        Action<int, Tensor>? onGradient = null,
        CancellationToken cancel = default)
    {
        using var scope = NewDisposeScope();
        var started = System.Diagnostics.Stopwatch.StartNew();
        Tensor[] tokens =
            [.. variants.Select(v => zeros([v.Count, width], ScalarType.Float32, device, requires_grad: true))];
        OffsetStep[] steps = [.. variants.Select(v => OffsetStep.Of(v.Settings))];
        var running = variants.Select(v => v.Settings.Iterations > 0).ToArray();
        var recorded = variants.Select(v => new List<double>(v.Settings.Iterations)).ToArray();
        for (var iteration = 0; running.Contains(true); iteration++)
        {
            cancel.ThrowIfCancellationRequested();
            using var pass = NewDisposeScope();
            var (losses, gradients) = evaluate(tokens, iteration);
            onGradient?.Invoke(iteration, gradients[0]);
            using var quiet = no_grad();
            var current = losses.cpu().data<float>();
            for (var v = 0; v < tokens.Length; v++)
            {
                if (!running[v])
                {
                    continue;
                }

                var settings = variants[v].Settings;
                recorded[v].Add(current[v]);
                var reached = settings.StopAt > 0 && iteration > 0 && current[v] <= settings.StopAt * recorded[v][0];
                running[v] = !reached && iteration + 1 < settings.Iterations;
                if (!reached)
                {
                    steps[v].Apply(tokens[v], gradients[v], iteration + 1);
                }
            }
        }

        var seconds = started.Elapsed.TotalSeconds / variants.Count;
        return
        [
            .. tokens.Select((c, v) => (
                c.detach().MoveToOuterDisposeScope(),
                new OptimisationTrace(recorded[v], StatusOf(recorded[v]), seconds))),
        ];
    }

    private static OptimisationStatus StatusOf(List<double> losses) =>
        losses.Exists(l => !double.IsFinite(l)) || (losses.Count > 0 && losses[^1] > 2 * losses[0])
            ? OptimisationStatus.Diverged
            : OptimisationStatus.Finished;
}
