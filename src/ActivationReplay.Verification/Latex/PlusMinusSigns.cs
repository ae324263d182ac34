using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Latex;

/// <summary>Resolves a ± b to both of its values.</summary>
internal static class PlusMinusSigns
{
    /// <summary>The term with every element of a list that holds ± replaced by two.</summary>
    public static Term Resolve(Term term)
    {
        if (!term.Holds(t => t is PlusMinus))
        {
            return term;
        }

        return term switch
        {
            FiniteSet s => new FiniteSet([.. s.Items.SelectMany(Values)]),
            Sequence s => new Sequence([.. s.Items.SelectMany(Values)]),
            Relation { IsEquation: true, Operands: [var name, var value] } r when !name.Holds(t => t is PlusMinus) =>
                r with { Operands = [name, Resolve(value)] },
            _ => new FiniteSet([.. Values(term)]),
        };
    }

    private static IEnumerable<Term> Values(Term term)
    {
        if (!term.Holds(t => t is PlusMinus))
        {
            return [term];
        }

        return term is FiniteSet or Sequence ? [Resolve(term)] : [Signed(term, +1), Signed(term, -1)];
    }

    // All upper signs, or all lower ones.
    private static Term Signed(Term term, int sign)
    {
        if (term is not PlusMinus p)
        {
            return term.Map(part => Signed(part, sign));
        }

        var right = Signed(p.Right, sign);
        var value = sign > 0 != p.IsOpposite ? right : right.Negated();
        return p.Left is null ? value : new Addition([Signed(p.Left, sign), value]);
    }
}
