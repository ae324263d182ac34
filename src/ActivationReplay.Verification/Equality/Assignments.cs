using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Equality;

/// <summary>Equations that give a name a value: x = 3, f(x) = 2x, AB/CD = 1.</summary>
internal static class Assignments
{
    /// <summary>Whether a term is of names alone, without a number.</summary>
    public static bool IsName(Term term) => term switch
    {
        Symbol or Constant { Kind: ConstantKind.ImaginaryUnit or ConstantKind.Euler } => true,
        Power { Exponent: Number { Value.Sign: < 0 } n, Base: var denominator } => n.Value.Numerator == -1 && IsName(denominator),
        Call or Multiplication or Addition or Sequence or Interval => term.Parts().Any() && term.Parts().All(IsName),
        Percentage or Power or Number or Constant => false,
        _ => false,
    };

    /// <summary>Whether a term is such an equation (a chain of them has the first side as its name).</summary>
    public static bool IsAssignment(Term term) => term is Relation { IsEquation: true } r && IsName(r.Operands[0]);

    /// <summary>The value of an equation: its last side.</summary>
    public static Term ValueOf(Term term) => term is Relation { IsEquation: true } r ? r.Operands[^1] : term;

    /// <summary>x = … = … = 3 as x = 3.</summary>
    public static Term Shortened(Term term) => term is Relation { Operands.Count: > 2 } r && IsAssignment(r)
        ? new Relation([r.Operands[0], r.Operands[^1]], [RelationSign.Equal])
        : term;
}
