using System.Numerics;
using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Equality;

/// <summary>Evaluates terms in complex numbers of double precision.</summary>
internal static class PointValue
{
    /// <summary>The value of a term at a point; null if a part is not defined or not finite.</summary>
    /// <param name="term">The term.</param>
    /// <param name="unknowns">The point: values of the unknowns by name.</param>
    /// <param name="budget">The steps left.</param>
    public static Complex? Of(Term term, IReadOnlyDictionary<string, Complex> unknowns, Budget budget)
    {
        var value = budget.Take() ? Raw(term, unknowns, budget) : null;
        return value is { } v && double.IsFinite(v.Real) && double.IsFinite(v.Imaginary) ? value : null;
    }

    private static Complex? Raw(Term term, IReadOnlyDictionary<string, Complex> unknowns, Budget budget)
    {
        switch (term)
        {
            case Number n:
                return n.Value.ToDouble();
            case Symbol s:
                return unknowns.TryGetValue(s.Name, out var known) ? known : s.Name == "e" ? Math.E : null;
            case Constant c:
                return c.Kind switch
                {
                    ConstantKind.Pi => Math.PI,
                    ConstantKind.Euler => Math.E,
                    ConstantKind.ImaginaryUnit => Complex.ImaginaryOne,
                    _ => null,
                };
            case Percentage p:
                return Of(p.Amount, unknowns, budget) / 100;
            case Addition a:
                return Fold(a.Terms, Complex.Zero, (x, y) => x + y);
            case Multiplication m:
                return Fold(m.Factors, Complex.One, (x, y) => x * y);
            case Power p:
                return Of(p.Base, unknowns, budget) is { } b && Of(p.Exponent, unknowns, budget) is { } e ? Raised(b, e) : null;
            case Call { IsKnown: false }:
                return unknowns.TryGetValue(TermText.Of(term), out var applied) ? applied : null;
            case Call c:
                var arguments = c.Arguments.Select(a => Of(a, unknowns, budget)).ToList();
                return arguments.All(a => a is not null) ? NumericFunctions.Value(c.Name, [.. arguments.Select(a => a!.Value)]) : null;
            case BoundOperation o:
                return OverRange(o, unknowns, budget);
            default:
                return null;
        }

        Complex? Fold(IReadOnlyList<Term> parts, Complex start, Func<Complex, Complex, Complex> combine)
        {
            foreach (var part in parts)
            {
                if (Of(part, unknowns, budget) is not { } value)
                {
                    return null;
                }

                start = combine(start, value);
            }

            return start;
        }
    }

    /// <summary>A power; whole exponents by multiplication, so that negative bases stay real.</summary>
    public static Complex? Raised(Complex value, Complex exponent)
    {
        const int LargestWhole = 1 << 20;
        if (value == Complex.Zero)
        {
            return exponent.Real > 0 ? Complex.Zero : exponent == Complex.Zero ? Complex.One : null;
        }

        if (exponent.Imaginary == 0 && exponent.Real == Math.Floor(exponent.Real) && Math.Abs(exponent.Real) <= LargestWhole)
        {
            var power = Complex.One;
            var square = exponent.Real < 0 ? Complex.One / value : value;
            for (var n = (int)Math.Abs(exponent.Real); n > 0; n >>= 1)
            {
                power = (n & 1) == 1 ? power * square : power;
                square *= square;
            }

            return power;
        }

        return value.Imaginary == 0 && exponent.Imaginary == 0 && value.Real > 0
            ? Math.Pow(value.Real, exponent.Real)
            : Complex.Exp(exponent * Complex.Log(value));
    }

    private static Complex? OverRange(BoundOperation operation, IReadOnlyDictionary<string, Complex> unknowns, Budget budget)
    {
        const double MaxRange = 2000;
        if (Of(operation.Lower, unknowns, budget) is not { Imaginary: 0 } lower || Of(operation.Upper, unknowns, budget) is not { Imaginary: 0 } upper
            || upper.Real - lower.Real > MaxRange || lower.Real != Math.Floor(lower.Real) || upper.Real != Math.Floor(upper.Real))
        {
            return null;
        }

        var values = new Dictionary<string, Complex>(unknowns);
        var isSum = operation.Name == "sum";
        var result = isSum ? Complex.Zero : Complex.One;
        for (var i = lower.Real; i <= upper.Real; i++)
        {
            values[operation.Variable] = i;
            if (Of(operation.Body, values, budget) is not { } part)
            {
                return null;
            }

            result = isSum ? result + part : result * part;
        }

        return result;
    }
}
