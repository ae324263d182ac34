namespace ActivationReplay.Verification.Terms;

/// <summary>Properties and transformations of terms.</summary>
internal static class TermExtensions
{
    /// <summary>The parts of a term, in order.</summary>
    public static IEnumerable<Term> Parts(this Term term) => term switch
    {
        Addition a => a.Terms,
        Multiplication m => m.Factors,
        Power p => [p.Base, p.Exponent],
        Percentage p => [p.Amount],
        Call c => c.Arguments,
        BoundOperation o => [o.Lower, o.Upper, o.Body],
        PlusMinus p => p.Left is null ? [p.Right] : [p.Left, p.Right],
        Sequence s => s.Items,
        FiniteSet s => s.Items,
        Interval i => [i.Lower, i.Upper],
        SetOperation s => [s.Left, s.Right],
        Relation r => r.Operands,
        Matrix m => m.Rows.SelectMany(r => r),
        _ => [],
    };

    /// <summary>Whether a condition holds for a term or one of its parts.</summary>
    public static bool Holds(this Term term, Func<Term, bool> condition) => condition(term) || term.Parts().Any(p => p.Holds(condition));

    /// <summary>The unknowns by name: variables, and functions without a meaning of their own with their arguments.</summary>
    public static IEnumerable<string> Unknowns(this Term term) => term switch
    {
        Symbol s => [s.Name],
        Call { IsKnown: false } => [TermText.Of(term)],
        BoundOperation o => o.Parts().SelectMany(Unknowns).Where(n => n != o.Variable).Distinct(),
        _ => term.Parts().SelectMany(Unknowns).Distinct(),
    };

    /// <summary>Whether a term is a set (an interval and a number set are).</summary>
    public static bool IsSet(this Term term) => term is FiniteSet or Interval or SetOperation or NamedSet;

    public static bool IsSetOrSequence(this Term term) => term is Sequence || term.IsSet();

    /// <summary>A copy of the term with each part replaced.</summary>
    public static Term Map(this Term term, Func<Term, Term> change) => term switch
    {
        Addition a => new Addition([.. a.Terms.Select(change)]),
        Multiplication m => new Multiplication([.. m.Factors.Select(change)]),
        Power p => new Power(change(p.Base), change(p.Exponent)),
        Percentage p => new Percentage(change(p.Amount)),
        Call c => c with { Arguments = [.. c.Arguments.Select(change)] },
        BoundOperation o => o with { Lower = change(o.Lower), Upper = change(o.Upper), Body = change(o.Body) },
        PlusMinus p => p with { Left = p.Left is null ? null : change(p.Left), Right = change(p.Right) },
        Sequence s => new Sequence([.. s.Items.Select(change)]),
        FiniteSet s => new FiniteSet([.. s.Items.Select(change)]),
        Interval i => i with { Lower = change(i.Lower), Upper = change(i.Upper) },
        SetOperation s => s with { Left = change(s.Left), Right = change(s.Right) },
        Relation r => r with { Operands = [.. r.Operands.Select(change)] },
        Matrix m => new Matrix([.. m.Rows.Select(r => (IReadOnlyList<Term>)[.. r.Select(change)])]),
        _ => term,
    };

    public static Term Negated(this Term term) => term switch
    {
        Number n => n with { Value = n.Value.Negated() },
        Matrix => term.Map(Negated),
        Multiplication m => new Multiplication([Number.Of(-1), .. m.Factors]),
        _ => new Multiplication([Number.Of(-1), term]),
    };

    public static Term Minus(this Term left, Term right) => new Addition([left, right.Negated()]);

    public static Term Over(this Term top, Term bottom) =>
        top is Number a && bottom is Number b && !a.IsDecimal && !b.IsDecimal && !b.Value.IsZero
        && b.Value.Inverse() is { } inverse && a.Value.Times(inverse) is { } quotient
            ? new Number(quotient)
            : new Multiplication([top, new Power(bottom, Number.Of(-1))]);
}
