using System.Numerics;
using MathNet.Numerics;

namespace ActivationReplay.Verification.Equality;

/// <summary>Functions that formulas name, at a point.</summary>
internal static class NumericFunctions
{
    /// <summary>The value; null where the function is not known, or not defined there.</summary>
    public static Complex? Value(string name, IReadOnlyList<Complex> arguments)
    {
        var x = arguments[0];
        return (name, arguments.Count) switch
        {
            ("sin", 1) => Complex.Sin(x),
            ("cos", 1) => Complex.Cos(x),
            ("tan", 1) => Complex.Tan(x),
            ("cot", 1) => Complex.One / Complex.Tan(x),
            ("sec", 1) => Complex.One / Complex.Cos(x),
            ("csc", 1) => Complex.One / Complex.Sin(x),
            ("arcsin", 1) => Complex.Asin(x),
            ("arccos", 1) => Complex.Acos(x),
            ("arctan", 1) => Complex.Atan(x),
            ("arccot", 1) => Complex.Atan(Complex.One / x),
            ("arcsec", 1) => Complex.Acos(Complex.One / x),
            ("arccsc", 1) => Complex.Asin(Complex.One / x),
            ("sinh", 1) => Complex.Sinh(x),
            ("cosh", 1) => Complex.Cosh(x),
            ("tanh", 1) => Complex.Tanh(x),
            ("coth", 1) => Complex.One / Complex.Tanh(x),
            ("arsinh" or "arcsinh", 1) => Complex.Log(x + Complex.Sqrt((x * x) + 1)),
            ("arcosh" or "arccosh", 1) => Complex.Log(x + (Complex.Sqrt(x + 1) * Complex.Sqrt(x - 1))),
            ("artanh" or "arctanh", 1) => 0.5 * Complex.Log((1 + x) / (1 - x)),
            ("exp", 1) => Complex.Exp(x),
            ("ln", 1) => Logarithm(x),
            ("log" or "lg", 1) => Logarithm(x) / Math.Log(10),
            ("log", 2) => Logarithm(x) / Logarithm(arguments[1]),
            ("root", 2) => Root(x, arguments[1]),
            ("abs" or "norm", 1) => Complex.Abs(x),
            ("Re", 1) => x.Real,
            ("Im", 1) => x.Imaginary,
            ("arg", 1) => x.Phase,
            ("floor", 1) when x.Imaginary == 0 => Math.Floor(x.Real),
            ("ceil", 1) when x.Imaginary == 0 => Math.Ceiling(x.Real),
            ("sgn" or "sign", 1) when x.Imaginary == 0 => Math.Sign(x.Real),
            ("factorial", 1) when x is { Imaginary: 0, Real: > -1 and < 170 } => SpecialFunctions.Gamma(x.Real + 1),
            ("binomial", 2) when x is { Imaginary: 0, Real: > -1 and < 150 } && arguments[1] is { Imaginary: 0 } k && k.Real > -1 && x.Real - k.Real > -1 =>
                SpecialFunctions.Gamma(x.Real + 1) / (SpecialFunctions.Gamma(k.Real + 1) * SpecialFunctions.Gamma(x.Real - k.Real + 1)),
            ("mod", 2) when x.Imaginary == 0 && arguments[1] is { Imaginary: 0 } m && m.Real != 0 => x.Real - (m.Real * Math.Floor(x.Real / m.Real)),
            ("max", _) when arguments.All(a => a.Imaginary == 0) => arguments.Max(a => a.Real),
            ("min", _) when arguments.All(a => a.Imaginary == 0) => arguments.Min(a => a.Real),
            _ => null,
        };
    }

    private static Complex? Logarithm(Complex x) => x == Complex.Zero ? null : Complex.Log(x);

    // Roots of odd degree are real for real numbers, as people write them.
    private static Complex? Root(Complex x, Complex degree)
    {
        if (degree == Complex.Zero)
        {
            return null;
        }

        if (x is { Imaginary: 0, Real: < 0 } && degree.Imaginary == 0 && Math.Abs(degree.Real % 2) == 1)
        {
            return -Math.Pow(-x.Real, 1 / degree.Real);
        }

        return degree == 2 ? Complex.Sqrt(x) : PointValue.Raised(x, Complex.One / degree);
    }
}
