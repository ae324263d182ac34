using System.Numerics;
using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Equality;

/// <summary>Points at which terms are compared: the same for the same names, everywhere.</summary>
internal static class SamplePoints
{
    /// <summary>Values with small numerators and denominators.</summary>
    public static Dictionary<string, Fraction> Rational(IReadOnlyCollection<string> names, int round) =>
        names.ToDictionary(n => n, n => Fraction.Create(((long)Hash(n, round) % 1999) - 999, (long)(Hash(n, round + 1000) % 97) + 2)!.Value);

    /// <summary>Real values: rounds 0 and 1 of three are positive, up to 1 and up to 5; the third is of both signs.</summary>
    public static Dictionary<string, Complex> Real(IReadOnlyCollection<string> names, int round) =>
        names.ToDictionary(n => n, n =>
        {
            var unit = ((Hash(n, round) % 1_000_003) + 0.5) / 1_000_003;
            return (Complex)((round % 3) switch { 0 => unit, 1 => 1 + (4 * unit), _ => (8 * unit) - 4 });
        });

    // FNV-1a with a last mix; string.GetHashCode differs between processes.
    private static ulong Hash(string name, int round)
    {
        var hash = 14695981039346656037UL ^ (ulong)(uint)round * 0x9E3779B97F4A7C15UL;
        foreach (var c in name)
        {
            hash = (hash ^ c) * 1099511628211UL;
        }

        hash ^= hash >> 29;
        hash *= 0xBF58476D1CE4E5B9UL;
        return (hash ^ (hash >> 32)) >> 1;
    }
}
