using ActivationReplay.Kernels;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Kernels;

public sealed class HostSoftmaxTests
{
    private static readonly int[] Visible = [3, 5, 7];

    [TestCase(1)]
    [TestCase(300)] // the exponentials overflow unless the largest is taken off
    public void Forward_IsTheSoftmaxOfWhatIsVisible_AndBackwardItsDerivative(double scale)
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var scores = randn(4, 3, 7).mul_(scale).requires_grad_();
        var weights = randn(4, 3, 7);
        var hidden = arange(7).unsqueeze(0).ge(tensor(Visible).unsqueeze(1));
        var expected = scores.masked_fill(hidden, double.NegativeInfinity).softmax(-1);
        var gradient = autograd.grad([expected.mul(weights).sum()], [scores])[0];

        var (shares, pulled) = (scores.detach().clone(), weights.clone());
        HostSoftmax.Forward(new HostMatrix(shares), Visible);
        HostSoftmax.Backward(new HostMatrix(shares), new HostMatrix(pulled), Visible);

        (shares - expected).abs().max().item<float>().Should().BeLessThan(1e-6f);
        (pulled - gradient).abs().max().item<float>().Should().BeLessThan(1e-6f);
    }
}
