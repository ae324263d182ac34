using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Parity;

/// <summary>Measures of the difference of two tensors.</summary>
internal static class TensorErrors
{
    /// <summary>‖a − b‖ / ‖b‖ in fp64; infinite where shapes differ, 0 where both are zero.</summary>
    public static double Relative(Tensor computed, Tensor recorded)
    {
        if (!computed.shape.SequenceEqual(recorded.shape))
        {
            return double.PositiveInfinity;
        }

        using var scope = NewDisposeScope();
        var (a, b) = (Wide(computed), Wide(recorded));
        var difference = (a - b).norm().item<double>();
        return difference == 0 ? 0 : difference / b.norm().item<double>();
    }

    /// <summary>max |a − b|; infinite where shapes differ.</summary>
    public static double Largest(Tensor computed, Tensor recorded)
    {
        if (!computed.shape.SequenceEqual(recorded.shape))
        {
            return double.PositiveInfinity;
        }

        using var scope = NewDisposeScope();
        return computed.numel() == 0 ? 0 : (Wide(computed) - Wide(recorded)).abs().max().item<double>();
    }

    /// <summary>The <paramref name="q"/>-quantile of |a − b|.</summary>
    public static double Quantile(Tensor computed, Tensor recorded, double q)
    {
        if (!computed.shape.SequenceEqual(recorded.shape))
        {
            return double.PositiveInfinity;
        }

        using var scope = NewDisposeScope();
        var sorted = (Wide(computed) - Wide(recorded)).abs().flatten().sort().Values;
        return sorted[(long)Math.Floor(q * (sorted.numel() - 1))].item<double>();
    }

    /// <summary>1 − cosine of the angle between two tensors; 0 where both are zero.</summary>
    public static double OneMinusCosine(Tensor computed, Tensor recorded)
    {
        if (!computed.shape.SequenceEqual(recorded.shape))
        {
            return double.PositiveInfinity;
        }

        using var scope = NewDisposeScope();
        var (a, b) = (Wide(computed).flatten(), Wide(recorded).flatten());
        var norms = a.norm().item<double>() * b.norm().item<double>();
        return norms == 0
            ? (a - b).abs().max().item<double>() == 0 ? 0 : 1
            : 1 - (a * b).sum().item<double>() / norms;
    }

    /// <summary>Entries that differ, and entries in all; every entry where shapes differ.</summary>
    public static (int Mismatches, int Count) Mismatches<T>(IReadOnlyList<T> computed, IReadOnlyList<T> recorded)
    {
        var count = Math.Max(computed.Count, recorded.Count);
        var equal = computed.Zip(recorded).Count(p => EqualityComparer<T>.Default.Equals(p.First, p.Second));
        return (count - equal, count);
    }

    private static Tensor Wide(Tensor t) => t.cpu().to_type(ScalarType.Float64);
}
