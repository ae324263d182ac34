using static TorchSharp.torch;

namespace ActivationReplay.Replay;

/// <summary>How an optimisation ended.</summary>
public enum OptimisationStatus
{
    /// <summary>All steps were taken and the loss stayed within twice its start.</summary>
    Finished,

    /// <summary>The loss became infinite or NaN, or rose above twice its start: the offsets are not to be trusted.</summary>
    Diverged,
}

/// <summary>What an optimisation did.</summary>
/// <param name="Losses">The loss before each step, nats a learnable token.</param>
/// <param name="Status">Whether it can be used.</param>
/// <param name="Seconds">Wall-clock time of the loop.</param>
public sealed record OptimisationTrace(IReadOnlyList<double> Losses, OptimisationStatus Status, double Seconds);

/// <summary>Gradient descent on zero-initialised offsets; weights never change.</summary>
internal static class OffsetOptimiser
{
    /// <summary>Minimises <paramref name="loss"/> over cells [count, width] that start at 0.</summary>
    /// <param name="loss">A scalar function of the cells, fp32.</param>
    /// <param name="count">Learnable tokens.</param>
    /// <param name="width">D.</param>
    /// <param name="device">Where the cells live.</param>
    /// <param name="settings">Optimiser, rate and iterations.</param>
    /// <param name="onGradient">Sees each step's gradient [count, width] before the step.</param>
    /// <returns>The cells after the last step, fp32, and the trace.</returns>
    public static (Tensor Cells, OptimisationTrace Trace) Minimise(
        Func<Tensor, Tensor> loss,
        long count,
        long width,
        Device device,
        ReplaySettings settings,
        Action<int, Tensor>? onGradient = null)
    {
        using var scope = NewDisposeScope();
        var started = System.Diagnostics.Stopwatch.StartNew();
        var cells = zeros([count, width], ScalarType.Float32, device, requires_grad: true);
        var step = settings.Optimiser == OptimiserKind.Sgd
            ? new PlainStep(settings.LearningRate)
            : (IStep)new AdamStep(settings.LearningRate, cells);
        var losses = new List<double>(settings.Iterations);
        for (var iteration = 0; iteration < settings.Iterations; iteration++)
        {
            using var pass = NewDisposeScope();
            using var value = loss(cells);
            var gradient = autograd.grad([value], [cells])[0];
            losses.Add(value.item<float>());
            onGradient?.Invoke(iteration, gradient);
            using var quiet = no_grad();
            step.Apply(cells, gradient, iteration + 1);
        }

        var trace = new OptimisationTrace(losses, StatusOf(losses), started.Elapsed.TotalSeconds);
        return (cells.detach().MoveToOuterDisposeScope(), trace);
    }

    private static OptimisationStatus StatusOf(List<double> losses) =>
        losses.Exists(l => !double.IsFinite(l)) || (losses.Count > 0 && losses[^1] > 2 * losses[0])
            ? OptimisationStatus.Diverged
            : OptimisationStatus.Finished;

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
