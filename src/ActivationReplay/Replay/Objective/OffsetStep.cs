using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Objective;

/// <summary>An optimiser's update rule with its state; one instance for each variant.</summary>
internal abstract class OffsetStep
{
    /// <summary>The update rule of the settings.</summary>
    public static OffsetStep Of(LoopSettings settings) => settings.Optimiser switch
    {
        OptimiserKind.Sgd => new Plain(settings.LearningRate),
        OptimiserKind.Adam => new Adam(settings.LearningRate),
        OptimiserKind.Momentum => new Momentum(settings.LearningRate),
        _ => throw new ArgumentOutOfRangeException(nameof(settings), settings.Optimiser, "not an optimiser"),
    };

    /// <summary>Updates <paramref name="tokens"/> in place; <paramref name="step"/> counts from 1.</summary>
    public abstract void Apply(Tensor tokens, Tensor gradient, int step);

    // The state belongs to the dispose scope of the loop, not of the step.
    private static void Keep(ref Tensor? held, Tensor value)
    {
        held?.Dispose();
        held = value.MoveToOuterDisposeScope();
    }

    private sealed class Plain(double rate) : OffsetStep
    {
        public override void Apply(Tensor tokens, Tensor gradient, int step) => tokens.add_(gradient, alpha: Scalars.Of(-rate));
    }

    /// <summary>Heavy ball: v ← 0.9 v + g, δ ← δ − η v.</summary>
    private sealed class Momentum(double rate) : OffsetStep
    {
        private const double Decay = 0.9;
        private Tensor? velocity;

        public override void Apply(Tensor tokens, Tensor gradient, int step)
        {
            Keep(ref velocity, velocity is null ? gradient.clone() : velocity.mul(Scalars.Of(Decay)).Plus(gradient));
            tokens.add_(velocity!, alpha: Scalars.Of(-rate));
        }
    }

    private sealed class Adam(double rate) : OffsetStep
    {
        private const double Beta1 = 0.9;
        private const double Beta2 = 0.999;
        private const double Epsilon = 1e-8;
        private Tensor? mean;
        private Tensor? square;

        public override void Apply(Tensor tokens, Tensor gradient, int step)
        {
            Keep(ref mean, Average(mean, gradient, Beta1));
            Keep(ref square, Average(square, gradient.mul(gradient), Beta2));
            var scale = Math.Sqrt(1 - Math.Pow(Beta2, step));
            tokens.addcdiv_(
                mean!,
                square!.sqrt().div_(Scalars.Of(scale)).PlusInPlace(Epsilon),
                Scalars.Of(-rate / (1 - Math.Pow(Beta1, step))));
        }

        // β m + (1 − β) g; m starts at 0.
        private static Tensor Average(Tensor? held, Tensor value, double beta)
        {
            var part = value.mul(Scalars.Of(1 - beta));
            return held is null ? part : held.mul(Scalars.Of(beta)).Plus(part);
        }
    }
}
