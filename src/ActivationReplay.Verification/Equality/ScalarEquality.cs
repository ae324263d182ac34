using System.Numerics;
using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Equality;

/// <summary>
/// Compares numbers and expressions: exactly in rational numbers where possible, else by their values at several points. There is no
/// symbolic algebra.
/// </summary>
internal sealed class ScalarEquality(EqualityOptions options)
{
    private const double Tolerance = 1e-11;

    private readonly Budget budget = new();

    /// <summary>Whether the prediction equals the reference.</summary>
    public bool AreEqual(Term gold, Term pred)
    {
        if (gold is Percentage || pred is Percentage)
        {
            return OfPercentages(gold, pred);
        }

        return TermText.Of(gold) == TermText.Of(pred) || WordsAreEqual(gold, pred) || ValuesAreEqual(gold, pred);
    }

    /// <summary>
    /// The constant c with pred = c · gold at all sample points; null if there is none, or it is 0.
    /// </summary>
    public double? Ratio(Term gold, Term pred)
    {
        string[] names = [.. gold.Unknowns().Union(pred.Unknowns())];
        double? ratio = null;
        var found = 0;
        for (var round = 0; round < 24 && found < 5; round++)
        {
            var point = SamplePoints.Real(names, round);
            if (PointValue.Of(gold, point, budget) is not { Imaginary: 0 } g || PointValue.Of(pred, point, budget) is not { Imaginary: 0 } p || g.Real == 0)
            {
                continue;
            }

            var here = p.Real / g.Real;
            if (here == 0 || (ratio is { } before && Math.Abs(here - before) > 1e-9 * Math.Abs(before)))
            {
                return null;
            }

            ratio ??= here;
            found++;
        }

        return found >= 3 ? ratio : null;
    }

    // 50% is 0.5 and also 50, since both are written for it; 4 1/2% is 0.045 alone.
    private bool OfPercentages(Term gold, Term pred)
    {
        switch (gold, pred)
        {
            case (Percentage g, Percentage p):
                return AreEqual(g.Amount, p.Amount);
            case (Percentage g, _):
                return ValuesAreEqual(gold, pred) || AreEqual(g.Amount, pred);
            case (_, Percentage p):
                return ValuesAreEqual(gold, pred)
                    || (p.Amount is Number { IsDecimal: true } or Number { Value.IsInteger: true } && gold is Number && AreEqual(gold, p.Amount));
            default:
                return false;
        }
    }

    private bool ValuesAreEqual(Term gold, Term pred)
    {
        string[] names = [.. gold.Unknowns().Union(pred.Unknowns())];
        return names.Length == 0 ? ConstantsAreEqual(gold, pred) : ExpressionsAreEqual(gold, pred, names);
    }

    private bool ConstantsAreEqual(Term gold, Term pred)
    {
        var mayRound = IsDecimal(gold) || IsDecimal(pred);
        var exactGold = ExactValue.Of(gold, budget);
        var exactPred = ExactValue.Of(pred, budget);
        if (exactGold is { } g && exactPred is { } p)
        {
            return g == p || (mayRound && RoundedAreEqual(g, p));
        }

        var nothing = new Dictionary<string, Complex>();
        if (PointValue.Of(gold, nothing, budget) is not { } x || PointValue.Of(pred, nothing, budget) is not { } y)
        {
            return false;
        }

        return AreNear(x, y, Tolerance) || (mayRound && x.Imaginary == 0 && y.Imaginary == 0 && RoundedAreEqual(x.Real, y.Real));
    }

    private static bool IsDecimal(Term term) => term switch
    {
        Number n => n.IsDecimal,
        Percentage p => IsDecimal(p.Amount),
        _ => false,
    };

    private bool RoundedAreEqual(Fraction a, Fraction b)
    {
        var rounded = a.Rounded(options.Places);
        if (rounded != b.Rounded(options.Places))
        {
            return false;
        }

        // Numbers that both round to 0 must agree in their first digits.
        return !rounded.IsZero || a.IsZero || b.IsZero || Math.Abs((a.ToDouble() / b.ToDouble()) - 1) <= Math.Pow(10, -options.Places);
    }

    private bool RoundedAreEqual(double a, double b)
    {
        var scale = Math.Pow(10, options.Places);
        return Math.Abs(a * scale) < 1e15 && Math.Abs(b * scale) < 1e15 && Math.Round(a * scale) == Math.Round(b * scale)
            && (Math.Round(a * scale) != 0 || Math.Abs((a / b) - 1) <= 1 / scale);
    }

    private bool ExpressionsAreEqual(Term gold, Term pred, string[] names)
    {
        const int ExactRounds = 4;
        var exact = 0;
        for (var round = 0; round < ExactRounds; round++)
        {
            var point = SamplePoints.Rational(names, round);
            if (ExactValue.Of(gold, budget, point) is { } g && ExactValue.Of(pred, budget, point) is { } p)
            {
                if (g != p)
                {
                    return false;
                }

                exact++;
            }
        }

        return exact == ExactRounds || AgreeAtRealPoints(gold, pred, names);
    }

    // Points where a side is not real say nothing of real expressions: √(1/n) and 1/√n are equal where they are defined.
    private bool AgreeAtRealPoints(Term gold, Term pred, string[] names)
    {
        const int Rounds = 48;
        const int Enough = 12;
        const int Least = 4;
        var isComplex = gold.Holds(IsImaginary) || pred.Holds(IsImaginary);
        var agreed = 0;
        for (var round = 0; round < Rounds && agreed < Enough; round++)
        {
            var point = SamplePoints.Real(names, round);
            if (PointValue.Of(gold, point, budget) is not { } g || PointValue.Of(pred, point, budget) is not { } p)
            {
                continue;
            }

            if (!isComplex && (!IsReal(g) || !IsReal(p)))
            {
                continue;
            }

            if (!AreNear(g, p, 1e-9))
            {
                return false;
            }

            agreed++;
        }

        return agreed >= Least;

        static bool IsImaginary(Term term) => term is Constant { Kind: ConstantKind.ImaginaryUnit };

        static bool IsReal(Complex value) => Math.Abs(value.Imaginary) <= 1e-12 * Math.Max(1, Math.Abs(value.Real));
    }

    private static bool AreNear(Complex a, Complex b, double tolerance)
    {
        // A value beside an exact 0 may be what rounding left of it.
        var size = Math.Max(Complex.Abs(a), Complex.Abs(b));
        return Complex.Abs(a - b) <= tolerance * size || ((a == Complex.Zero || b == Complex.Zero) && size <= 1e-13);
    }

    /// <summary>A word is equal to itself in another case, or to its letters as factors.</summary>
    private static bool WordsAreEqual(Term gold, Term pred) =>
        Word(gold) is { } a && Word(pred) is { } b && string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    private static string? Word(Term term) => term switch
    {
        Symbol s => s.Name,
        Constant { Kind: ConstantKind.Euler } => "e",
        Constant { Kind: ConstantKind.ImaginaryUnit } => "i",
        Multiplication m when m.Factors.All(f => f is Symbol or Constant { Kind: ConstantKind.Euler or ConstantKind.ImaginaryUnit }) =>
            string.Concat(m.Factors.Select(Word)),
        _ => null,
    };
}
