namespace ActivationReplay.Verification.Terms;

/// <summary>A text of a term that equal structures share: sums, products and sets in any order.</summary>
internal static class TermText
{
    public static string Of(Term term) => term switch
    {
        Number n => n.Value.ToString(),
        Symbol s => s.Name,
        Constant c => "\\" + c.Kind,
        Addition a => Unordered("+", a.Terms),
        Multiplication m => Unordered("*", m.Factors),
        Power p => Ordered("^", [p.Base, p.Exponent]),
        Percentage p => Ordered("%", [p.Amount]),
        Call c => Ordered((c.IsKnown ? "\\" : "") + c.Name, c.Arguments),
        BoundOperation o => Ordered(o.Name, [o.Lower, o.Upper, Renamed(o.Body, o.Variable)]),
        PlusMinus p => Ordered(p.IsOpposite ? "∓" : "±", [.. p.Parts()]),
        Sequence s => Ordered("tuple", s.Items),
        FiniteSet s => Unordered("set", s.Items),
        Interval i => Ordered((i.IsLowerOpen ? "(" : "[") + (i.IsUpperOpen ? ")" : "]"), [i.Lower, i.Upper]),
        SetOperation s => Ordered(s.Kind.ToString(), [s.Left, s.Right]),
        NamedSet s => s.Name.ToString(),
        Relation r => Ordered(string.Join(',', r.Signs), r.Operands),
        Matrix m => Ordered("matrix" + m.Rows.Count, [.. m.Parts()]),
        _ => throw new ArgumentException($"no text for {term.GetType().Name}", nameof(term)),
    };

    // The name of a bound variable says nothing.
    private static Term Renamed(Term term, string variable) =>
        term is Symbol s && s.Name == variable ? new Symbol("#") : term.Map(part => Renamed(part, variable));

    private static string Ordered(string head, IEnumerable<Term> parts) => $"({head} {string.Join(' ', parts.Select(Of))})";

    private static string Unordered(string head, IEnumerable<Term> parts) =>
        $"({head} {string.Join(' ', parts.Select(Of).Order(StringComparer.Ordinal))})";
}
