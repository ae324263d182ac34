using ActivationReplay.Kernels;
using ActivationReplay.Models;
using NUnit.Framework;
using static ActivationReplay.Tests.Conformance.Exact;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Conformance;

/// <summary>Every silu(z) ⊙ u and its derivative against autograd, and the few-row product against the formula.</summary>
public sealed class GateConformanceTests
{
    // One element, and more than a chunk of the kernel's.
    [Test]
    public void Gates_EqualTheFormula(
        [Values(ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float64)] ScalarType type, [Values(1, 2500)] int count)
    {
        using var scope = NewDisposeScope();
        manual_seed(count);
        var (z, exactZ) = Random(type, count);
        var (u, exactU) = Random(type, count);
        var (g, exactG) = Random(type, count);
        var expected = exactZ * exactZ.sigmoid() * exactU;
        var pulled = autograd.grad([expected], [exactZ, exactU], [exactG]);
        using var quiet = no_grad();

        ShouldAgree(FeedForward.Gated(z, u), expected, type, "libtorch");
        var (atGate, atUp) = FeedForward.GatedBackward(z, u, g.clone());
        ShouldAgree(atGate, pulled[0], type, "libtorch, at the gate");
        ShouldAgree(atUp, pulled[1], type, "libtorch, at the other");
        if (type == ScalarType.Float32)
        {
            var result = u.clone();
            HostSwiGlu.Forward(new HostRows(z.clone())[0], new HostRows(result)[0]);
            ShouldAgree(result, expected, type, "kernel");
            var (gate, up) = (z.clone(), u.clone());
            HostSwiGlu.Backward(new HostMatrix(gate), new HostMatrix(up), new HostMatrix(g.clone()));
            ShouldAgree(up, pulled[0], type, "kernel, at the gate");
            ShouldAgree(gate, pulled[1], type, "kernel, at the other");
        }
    }

    [Test]
    public void Products_EqualTheFormula(
        [Values(ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float64)] ScalarType type, [Values(1, 64, 65)] int rows, [Values] bool hasBias)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var backend = Backend.For(CPU, type);
        manual_seed(rows);
        var (x, exactX) = Random(type, rows, 2, Width);
        var (w, exactW) = Random(type, 50, Width);
        var (b, exactB) = Random(type, 50);

        var computed = backend.Product(x, w, hasBias ? b : null);

        var expected = matmul(exactX, exactW.t());
        ShouldAgree(computed, hasBias ? expected + exactB : expected, type);
    }

    // The form that adds to what is there, as a decoded token's residual stream takes it: whole and partial tiles and vectors.
    [Test]
    public void ProductsThatAdd_EqualTheFormula(
        [Values(1, 2, 63, 64)] int rows, [Values(32, 35)] int width, [Values(48, 50)] int columns, [Values] bool hasBias)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        manual_seed(rows);
        var (x, exactX) = Random(ScalarType.Float32, rows, width);
        var (w, exactW) = Random(ScalarType.Float32, columns, width);
        var (b, exactB) = Random(ScalarType.Float32, columns);
        var (y, exactY) = Random(ScalarType.Float32, rows, columns);
        var product = new ThinProduct(w, hasBias ? b : null, y, adds: true);

        // In two calls, as two threads would share it.
        AddParts(product, x, rows, 0, product.Parts / 2);
        AddParts(product, x, rows, product.Parts / 2, product.Parts);

        var expected = exactY + matmul(exactX, exactW.t());
        ShouldAgree(y, hasBias ? expected + exactB : expected, ScalarType.Float32);
    }

    private static unsafe void AddParts(ThinProduct product, Tensor x, int rows, int first, int end) =>
        product.Write(new HostRows(x).At(0), rows, first, end);
}
