namespace ActivationReplay.Verification.Terms;

/// <summary>A mathematical expression as it was written; nothing is simplified.</summary>
internal abstract record Term;

/// <summary>A number.</summary>
/// <param name="Value">Its value.</param>
/// <param name="IsDecimal">Whether it was written with a point, and so may be rounded.</param>
internal sealed record Number(Fraction Value, bool IsDecimal = false) : Term
{
    public static Number Of(long value) => new(Fraction.From(value));
}

/// <summary>A variable, or a word.</summary>
internal sealed record Symbol(string Name) : Term;

/// <summary>A constant.</summary>
internal sealed record Constant(ConstantKind Kind) : Term;

internal enum ConstantKind
{
    Pi,
    Euler,
    ImaginaryUnit,
    Infinity,
}

internal sealed record Addition(IReadOnlyList<Term> Terms) : Term;

internal sealed record Multiplication(IReadOnlyList<Term> Factors) : Term;

internal sealed record Power(Term Base, Term Exponent) : Term;

/// <summary>A percentage.</summary>
/// <param name="Amount">The number before the sign.</param>
internal sealed record Percentage(Term Amount) : Term;

/// <summary>A function of arguments: one that is known by name, or (<paramref name="IsKnown"/> false) any other, as f(x).</summary>
internal sealed record Call(string Name, IReadOnlyList<Term> Arguments, bool IsKnown = true) : Term;

/// <summary>A sum, product, integral or limit over a bound variable.</summary>
internal sealed record BoundOperation(string Name, string Variable, Term Lower, Term Upper, Term Body) : Term;

/// <summary>Two values, one a sign. Parsing resolves them to sets.</summary>
/// <param name="Left">What it is added to, or null.</param>
/// <param name="Right">What is added and subtracted.</param>
/// <param name="IsOpposite">Whether it is ∓.</param>
internal sealed record PlusMinus(Term? Left, Term Right, bool IsOpposite) : Term;

internal sealed record Sequence(IReadOnlyList<Term> Items) : Term;

/// <summary>A finite set in the order in which it was written.</summary>
internal sealed record FiniteSet(IReadOnlyList<Term> Items) : Term;

/// <summary>An interval; an open one may also be a pair.</summary>
internal sealed record Interval(Term Lower, Term Upper, bool IsLowerOpen, bool IsUpperOpen) : Term
{
    public bool IsOpen => IsLowerOpen && IsUpperOpen;
}

internal sealed record SetOperation(SetOperationKind Kind, Term Left, Term Right) : Term;

internal enum SetOperationKind
{
    Union,
    Intersection,
    Difference,
}

/// <summary>A set with a name: naturals N, integers Z, rationals Q, reals R, complex numbers C, or the empty set ∅.</summary>
internal sealed record NamedSet(char Name) : Term
{
    public const char Empty = '∅';
}

/// <summary>A chain of relations: <c>Operands[0] Signs[0] Operands[1] Signs[1] …</c></summary>
internal sealed record Relation(IReadOnlyList<Term> Operands, IReadOnlyList<RelationSign> Signs) : Term
{
    public bool IsEquation => Signs.All(s => s == RelationSign.Equal);
}

internal enum RelationSign
{
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

internal sealed record Matrix(IReadOnlyList<IReadOnlyList<Term>> Rows) : Term
{
    public int Width => Rows[0].Count;
}
