using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Weights;

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019) on one vector of weights.</summary>
internal sealed class AdamW(FlatGroup group, AdamWSettings settings) : IDisposable
{
    private const double Epsilon = 1e-8;

    /// <summary>The running mean of the gradient, [n].</summary>
    public Tensor First { get; } = zeros_like(group.Values).DetachFromDisposeScope();

    /// <summary>The running mean of the squared gradient, [n].</summary>
    public Tensor Second { get; } = zeros_like(group.Values).DetachFromDisposeScope();

    /// <summary>Steps taken.</summary>
    public int Steps { get; set; }

    /// <summary>Clips the gradients to the settings' norm, takes a step and clears them.</summary>
    /// <returns>The gradients' norm before clipping.</returns>
    public double Step(double learningRate)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var gradient = group.SumGradients();
        var norm = gradient.norm().item<float>();
        if (!float.IsFinite(norm))
        {
            throw new InvalidOperationException(
                $"Step {Steps + 1}: the gradient is not finite; lower the learning rate in the configuration.");
        }

        if (norm > settings.Clip)
        {
            gradient.mul_(Scalars.Of(settings.Clip / norm));
        }

        Steps++;
        First.mul_(Scalars.Of(settings.Beta1)).add_(gradient, alpha: Scalars.Of(1 - settings.Beta1));
        Second.mul_(Scalars.Of(settings.Beta2)).addcmul_(gradient, gradient, Scalars.Of(1 - settings.Beta2));
        var (scale1, scale2) = (1 - Math.Pow(settings.Beta1, Steps), 1 - Math.Pow(settings.Beta2, Steps));
        var denominator = Second.div(Scalars.Of(scale2)).sqrt_().PlusInPlace(Epsilon);
        group.Values.addcmul_(group.Values, group.Decays, Scalars.Of(-learningRate * settings.Decay));
        group.Values.addcdiv_(First, denominator, Scalars.Of(-learningRate / scale1));
        gradient.zero_();
        return norm;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        First.Dispose();
        Second.Dispose();
    }
}

/// <summary>Constants of <see cref="AdamW"/>.</summary>
public sealed record AdamWSettings
{
    /// <summary>β₁, the decay of the running mean of the gradient.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>β₂, the decay of the running mean of the squared gradient.</summary>
    public double Beta2 { get; init; } = 0.95;

    /// <summary>The weight decay of matrices: the fraction that a step at learning rate 1 would subtract.</summary>
    public double Decay { get; init; } = 0.05;

    /// <summary>Largest norm of the gradient.</summary>
    public double Clip { get; init; } = 1;
}
