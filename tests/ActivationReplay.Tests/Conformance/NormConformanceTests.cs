using ActivationReplay.Adjoint;
using ActivationReplay.Kernels;
using ActivationReplay.Models;
using ActivationReplay.Tests.Models;
using NUnit.Framework;
using static ActivationReplay.Tests.Conformance.Exact;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Conformance;

/// <summary>Every RMSNorm and its derivative against autograd of y = w ⊙ x / √(mean(x²) + ε).</summary>
public sealed class NormConformanceTests
{
    private const double Epsilon = 1e-6;

    [Test]
    public void Modules_EqualTheFormula(
        [Values(ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float64)] ScalarType type, [Values(1, 64, 65)] int rows)
    {
        using var scope = NewDisposeScope();
        var norm = new RmsNorm(new Tiny.Weights(2, type: type), "norm", Width, Epsilon);
        var (x, y, g, atX) = Expected(norm.Weight, type, rows);

        var tracked = x.detach().requires_grad_();
        var forward = norm.Forward(tracked);
        ShouldAgree(forward, y, type, "rows");
        ShouldAgree(autograd.grad([forward], [tracked], [g])[0], atX, type, "autograd through rows");
        using var quiet = no_grad();
        var (output, inverse) = norm.Rows(x);
        var sum = zeros(x.shape);
        norm.AddRowsBackward(x, inverse, g.clone(), sum);
        ShouldAgree(output, y, type, "rows by hand");
        ShouldAgree(sum, atX, type, "rows by hand, backward");

        var pass = new RowNormPass(norm, Backend.Gpu, x);
        sum = zeros(x.shape);
        pass.AddBackward(g, sum);
        ShouldAgree(pass.Output, y, type, "the plain pass");
        ShouldAgree(sum, atX, type, "the plain pass, backward");

        norm.Backend = Backend.Gpu;
        var fused = new RowNormPass(norm, Backend.Gpu, x);
        sum = zeros(x.shape);
        fused.AddBackward(g, sum);
        ShouldAgree(fused.Output, y, type, "fused");
        ShouldAgree(sum, atX, type, "fused, backward");
    }

    [Test]
    public void Kernels_EqualTheFormula([Values(1, 64, 65)] int rows)
    {
        using var scope = NewDisposeScope();
        var norm = new RmsNorm(new Tiny.Weights(2), "norm", Width, Epsilon);
        var (x, y, g, atX) = Expected(norm.Weight, ScalarType.Float32, rows);
        using var quiet = no_grad();

        var columns = Columns(x);
        var (output, sum) = (empty_like(columns), zeros(columns.shape));
        var (all, ofNorm, inverse) = (new HostMatrix(columns), new HostMatrix(norm.Weight), new HostMatrix(empty(1, rows)));
        ColumnNorm.Forward(all, ofNorm, Epsilon, new HostMatrix(output), inverse);
        ColumnNorm.AddBackward(all, ofNorm, inverse, new HostMatrix(Columns(g)), new HostMatrix(sum), new HostMatrix(empty(1, rows)));
        var (outputs, pulled) = (empty(x.shape), g.clone());
        for (var row = 0; row < rows; row++)
        {
            Span<float> states = new HostRows(x)[row], weight = new HostRows(norm.Weight)[0];
            var r = HostNorm.Forward(states, weight, Epsilon, new HostRows(outputs)[row]);
            HostNorm.Backward(states, weight, r, new HostRows(pulled)[row]);
        }

        ShouldAgree(output.t(), y, ScalarType.Float32, "columns");
        ShouldAgree(sum.t(), atX, ScalarType.Float32, "columns, backward");
        ShouldAgree(outputs, y, ScalarType.Float32, "rows");
        ShouldAgree(pulled, atX, ScalarType.Float32, "rows, backward");
    }

    private static (Tensor X, Tensor Y, Tensor Gradient, Tensor AtX) Expected(Tensor weight, ScalarType type, int rows)
    {
        manual_seed(rows);
        var (x, exact) = Random(type, rows, Width);
        var (g, exactGradient) = Random(type, rows, Width);
        var y = exact * (exact.mul(exact).mean([-1], true) + Epsilon).rsqrt() * weight.to_type(ScalarType.Float64);
        return (x, y, g, autograd.grad([y], [exact], [exactGradient])[0]);
    }
}
