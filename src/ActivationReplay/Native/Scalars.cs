using System.Collections.Concurrent;
using TorchSharp;
using static TorchSharp.torch;

namespace ActivationReplay.Native;

/// <summary>
/// Numbers as libtorch takes them, one object a value, alive to the end of the process. TorchSharp 0.107 makes a
/// <see cref="Scalar"/> of every number in an expression and does not keep it alive during the call: a collection at that moment
/// frees it under libtorch's hands, which then says "Unknown scalar type" or computes with another number. So no number of ours
/// becomes a temporary; a test reads it from the compiled assemblies.
/// </summary>
/// <remarks>The values of a run are few: constants, lengths, and rates and factors by step. They are never freed.</remarks>
public static class Scalars
{
    private static readonly ConcurrentDictionary<double, Scalar> Reals = new();
    private static readonly ConcurrentDictionary<long, Scalar> Wholes = new();

    /// <summary>1.</summary>
    public static Scalar One => Of(1);

    /// <summary>0.</summary>
    public static Scalar Zero => Of(0);

    /// <summary>−∞, what masks hide with.</summary>
    public static Scalar Hidden => Of(double.NegativeInfinity);

    /// <summary>A real number.</summary>
    public static Scalar Of(double value) => Reals.GetOrAdd(value, static v => v.ToScalar());

    /// <summary>A whole number: it leaves the type of whole-number tensors as it is.</summary>
    public static Scalar Of(long value) => Wholes.GetOrAdd(value, static v => v.ToScalar());

    /// <summary>0 to count − 1, int64.</summary>
    public static Tensor UpTo(long count, Device? device = null) =>
        arange(Zero, Of(count), One, ScalarType.Int64, device);

    /// <summary>a + b; the operator makes a temporary of the 1 that it multiplies b by.</summary>
    public static Tensor Plus(this Tensor a, Tensor b) => a.add(b, One);

    /// <summary>a + b.</summary>
    public static Tensor Plus(this Tensor a, double b) => a.add(Of(b), One);

    /// <summary>Adds b to a.</summary>
    public static Tensor PlusInPlace(this Tensor a, Tensor b) => a.add_(b, One);

    /// <summary>Adds b to a.</summary>
    public static Tensor PlusInPlace(this Tensor a, double b) => a.add_(Of(b), One);
}
