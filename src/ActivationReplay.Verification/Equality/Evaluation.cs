using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Equality;

/// <summary>
/// The number of evaluation steps left, shared by all evaluations of one comparison, so that it ends in bounded time.
/// </summary>
internal sealed class Budget
{
    private int steps = 60_000;

    /// <summary>Takes a step; false if none is left.</summary>
    public bool Take() => steps-- > 0;
}

/// <summary>Exact functions of whole numbers; null where they are not defined.</summary>
internal static class WholeNumbers
{
    public static Fraction? Factorial(Fraction value)
    {
        const int Largest = 3000;
        if (!value.IsInteger || value.Sign < 0 || value.Numerator > Largest)
        {
            return null;
        }

        System.Numerics.BigInteger product = 1;
        for (var i = 2; i <= (int)value.Numerator; i++)
        {
            product *= i;
        }

        return Fraction.Create(product, 1);
    }

    public static Fraction? Binomial(Fraction n, Fraction k)
    {
        const int Largest = 3000;
        if (!n.IsInteger || !k.IsInteger || n.Sign < 0 || k.Sign < 0 || n.Numerator > Largest || k.CompareTo(n) > 0)
        {
            return n.IsInteger && k.IsInteger && n.Sign >= 0 && k.CompareTo(n) > 0 ? Fraction.Zero : null;
        }

        System.Numerics.BigInteger product = 1;
        for (var i = 1; i <= (int)k.Numerator; i++)
        {
            product = product * ((int)n.Numerator - i + 1) / i;
        }

        return Fraction.Create(product, 1);
    }

    public static Fraction? Gcd(Fraction a, Fraction b) => a.IsInteger && b.IsInteger
        ? Fraction.Create(System.Numerics.BigInteger.GreatestCommonDivisor(a.Numerator, b.Numerator), 1)
        : null;

    public static Fraction? Lcm(Fraction a, Fraction b) => Gcd(a, b) is { IsZero: false } divisor
        ? a.Times(b)?.Magnitude().Times(divisor.Inverse()!.Value)
        : null;

    public static Fraction? Modulo(Fraction a, Fraction b) => b.IsZero || b.Inverse() is not { } inverse || a.Times(inverse) is not { } quotient
        ? null
        : Fraction.Create(quotient.Floor(), 1)?.Times(b) is { } whole ? a.Plus(whole.Negated()) : null;
}
