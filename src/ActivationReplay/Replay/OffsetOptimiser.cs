using static TorchSharp.torch;

namespace ActivationReplay.Replay;

/// <summary>How an optimisation ended.</summary>
public enum OptimisationStatus
{
    /// <summary>All steps were taken and the loss stayed within twice its start.</summary>
    Finished,

    /// <summary>The loss became infinite or NaN, or ended above twice its start: the offsets are not to be trusted.</summary>
    Diverged,
}

/// <summary>What an optimisation did.</summary>
/// <param name="Losses">The loss before each step, nats a learnable token.</param>
/// <param name="Status">Whether it can be used.</param>
/// <param name="Seconds">Wall-clock time of the loop; an equal share where variants shared it.</param>
public sealed record OptimisationTrace(IReadOnlyList<double> Losses, OptimisationStatus Status, double Seconds);

/// <summary>Gradient descent on zero-initialised offsets; weights never change.</summary>
internal static class OffsetOptimiser
{
    /// <summary>Minimises the losses of variants, each over its own cells [count, width] that start at 0.</summary>
    /// <param name="losses">The variants' losses [C] of their cells, fp32; the number is the step.</param>
    /// <param name="variants">Learnable tokens and settings of each: optimiser, rate and iterations.</param>
    /// <param name="width">D.</param>
    /// <param name="device">Where the cells live.</param>
    /// <param name="onGradient">Sees each step's gradient [count, width] of the first variant before the step.</param>
    /// <returns>The cells after the last step, fp32, and the traces.</returns>
    public static IReadOnlyList<(Tensor Cells, OptimisationTrace Trace)> Minimise(
        Func<IReadOnlyList<Tensor>, int, Tensor> losses,
        IReadOnlyList<(int Count, ReplaySettings Settings)> variants,
        long width,
        Device device,
        Action<int, Tensor>? onGradient = null)
    {
        using var scope = NewDisposeScope();
        var started = System.Diagnostics.Stopwatch.StartNew();
        Tensor[] cells =
            [.. variants.Select(v => zeros([v.Count, width], ScalarType.Float32, device, requires_grad: true))];
        IStep[] steps = [.. variants.Select((v, i) => Step(v.Settings, cells[i]))];
        var recorded = variants.Select(v => new List<double>(v.Settings.Iterations)).ToArray();
        var iterations = variants.Max(v => v.Settings.Iterations);
        for (var iteration = 0; iteration < iterations; iteration++)
        {
            using var pass = NewDisposeScope();
            var values = losses(cells, iteration);
            var gradients = autograd.grad([values.sum()], cells);
            onGradient?.Invoke(iteration, gradients[0]);
            using var quiet = no_grad();
            var current = values.cpu().data<float>();
            for (var v = 0; v < cells.Length; v++)
            {
                if (iteration < variants[v].Settings.Iterations)
                {
                    recorded[v].Add(current[v]);
                    steps[v].Apply(cells[v], gradients[v], iteration + 1);
                }
            }
        }

        var seconds = started.Elapsed.TotalSeconds / variants.Count;
        return
        [
            .. cells.Select((c, v) => (
                c.detach().MoveToOuterDisposeScope(),
                new OptimisationTrace(recorded[v], StatusOf(recorded[v]), seconds))),
        ];
    }

    private static OptimisationStatus StatusOf(List<double> losses) =>
        losses.Exists(l => !double.IsFinite(l)) || (losses.Count > 0 && losses[^1] > 2 * losses[0])
            ? OptimisationStatus.Diverged
            : OptimisationStatus.Finished;

    private static IStep Step(ReplaySettings settings, Tensor cells) => settings.Optimiser == OptimiserKind.Sgd
        ? new PlainStep(settings.LearningRate)
        : new AdamStep(settings.LearningRate, cells);

    private interface IStep
    {
        void Apply(Tensor cells, Tensor gradient, int step);
    }

    private sealed class PlainStep(double rate) : IStep
    {
        public void Apply(Tensor cells, Tensor gradient, int step) => cells.add_(gradient, alpha: -rate);
    }

    private sealed class AdamStep(double rate, Tensor cells) : IStep
    {
        private const double Beta1 = 0.9;
        private const double Beta2 = 0.999;
        private const double Epsilon = 1e-8;
        private readonly Tensor mean = zeros_like(cells);
        private readonly Tensor square = zeros_like(cells);

        public void Apply(Tensor cells, Tensor gradient, int step)
        {
            mean.mul_(Beta1).add_(gradient, alpha: 1 - Beta1);
            square.mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
            var scale = Math.Sqrt(1 - Math.Pow(Beta2, step));
            var denominator = square.sqrt().div_(scale).add_(Epsilon);
            cells.addcdiv_(mean, denominator, -rate / (1 - Math.Pow(Beta1, step)));
        }
    }
}
