using System.Collections.Concurrent;
using System.Globalization;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>
/// Operations that libtorch has as one kernel and TorchSharp 0.107 does not bind. They are called by name through TorchScript,
/// one operation a function, so that nothing is left for its compiler to fuse.
/// </summary>
internal static class FusedOperations
{
    private static readonly ConcurrentDictionary<double, Lazy<jit.CompilationUnit>> Norms = new();

    private static readonly Lazy<jit.CompilationUnit> Silu = new(() => jit.compile(
        """
        def silu_backward(gradient, x):
            return torch.silu_backward(gradient, x)

        """));

    /// <summary>
    /// RMSNorm of the last axis of <paramref name="x"/> [..., D], in its type; differentiable. On a GPU one kernel each way since
    /// libtorch 2.9.
    /// </summary>
    public static Tensor RmsNorm(Tensor x, Tensor weight, double epsilon) => Call(Norms.GetOrAdd(epsilon, Norm).Value, "rms_norm", x, weight);

    /// <summary>The gradient of silu at x, given that of its result.</summary>
    public static Tensor SiluBackward(Tensor gradient, Tensor x) => Call(Silu.Value, "silu_backward", gradient, x);

    // The number is part of the text: TorchScript would take it from a Scalar, which TorchSharp does not keep alive.
    private static Lazy<jit.CompilationUnit> Norm(double epsilon) => new(() => jit.compile(string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        def rms_norm(x, weight):
            return torch.rms_norm(x, weight.size(), weight, {{epsilon:E17}})

        """)));

    private static Tensor Call(jit.CompilationUnit unit, string function, Tensor first, Tensor second) =>
        (Tensor)unit.invoke(function, first, second);
}
