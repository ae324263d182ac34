using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Equality;

/// <summary>Whether sets, intervals and tuples are equal.</summary>
/// <param name="areEqual">Compares elements.</param>
/// <param name="options">How numbers are compared.</param>
internal sealed class SetEquality(Func<Term, Term, bool> areEqual, EqualityOptions options)
{
    /// <summary>
    /// Whether a prediction equals a reference, at least one a set or tuple. The order counts where the reference is a tuple;
    /// an open interval may be a pair.
    /// </summary>
    public bool AreEqual(Term gold, Term pred)
    {
        gold = Proper(gold);
        pred = Proper(pred);
        if (gold is FiniteSet { Items: [var only] } && pred is not FiniteSet)
        {
            return areEqual(only, pred);
        }

        if (pred is FiniteSet { Items: [var single] } && gold is not FiniteSet)
        {
            return areEqual(gold, single);
        }

        if (gold is Interval g && pred is Interval p)
        {
            return g.IsLowerOpen == p.IsLowerOpen && g.IsUpperOpen == p.IsUpperOpen && areEqual(g.Lower, p.Lower) && areEqual(g.Upper, p.Upper);
        }

        if (Items(gold) is { } golds && Items(pred) is { } preds)
        {
            return gold is FiniteSet || (!gold.IsSetOrSequence() && pred is FiniteSet) ? AreSameSet(golds, preds) : AreSameOrder(golds, preds);
        }

        return gold.IsSet() && pred.IsSet() && (new RealSets(options).AreEqual(gold, pred) ?? HaveSameParts(gold, pred));
    }

    /// <summary>A union of finite sets is one.</summary>
    public static Term Flatten(Term term) => term switch
    {
        SetOperation { Kind: SetOperationKind.Union, Left: FiniteSet a, Right: FiniteSet b } => new FiniteSet([.. a.Items, .. b.Items]),
        _ => term,
    };

    // An interval that would be empty is a pair.
    private static Term Proper(Term term)
    {
        if (term is not Interval i || ExactOrNear(i.Lower) is not { } lower || ExactOrNear(i.Upper) is not { } upper)
        {
            return term;
        }

        return (i.IsOpen && lower >= upper) || (!i.IsLowerOpen && !i.IsUpperOpen && lower > upper) ? new Sequence([i.Lower, i.Upper]) : term;
    }

    private static double? ExactOrNear(Term term) => RealSets.Endpoint(term);

    // What can be compared element by element: sets, tuples, pairs that look like intervals, and single values.
    private static IReadOnlyList<Term>? Items(Term term) => term switch
    {
        FiniteSet s => s.Items,
        Sequence s => s.Items,
        Interval { IsOpen: true } i => [i.Lower, i.Upper],
        Interval or SetOperation or NamedSet => null,
        _ => [term],
    };

    private bool AreSameOrder(IReadOnlyList<Term> golds, IReadOnlyList<Term> preds) =>
        golds.Count == preds.Count && golds.Zip(preds).All(p => areEqual(p.First, p.Second));

    private bool AreSameSet(IReadOnlyList<Term> golds, IReadOnlyList<Term> preds)
    {
        // Every comparison takes time; answers have few elements.
        const int Most = 200;
        if (golds.Count > Most || preds.Count > Most)
        {
            return golds.Select(TermText.Of).ToHashSet().SetEquals(preds.Select(TermText.Of));
        }

        var distinct = Distinct(golds);
        var rest = Distinct(preds);
        if (distinct.Count != rest.Count)
        {
            return false;
        }

        foreach (var gold in distinct)
        {
            var found = rest.FindIndex(p => areEqual(gold, p));
            if (found < 0)
            {
                return false;
            }

            rest.RemoveAt(found);
        }

        return true;
    }

    private static List<Term> Distinct(IReadOnlyList<Term> items) =>
        [.. items.DistinctBy(i => ExactValue.Of(i, new Budget()) is { } value && i is not Percentage ? value.ToString() : TermText.Of(i))];

    private bool HaveSameParts(Term gold, Term pred) => (gold, pred) switch
    {
        (SetOperation g, SetOperation p) when g.Kind == p.Kind =>
            (AreEqual(g.Left, p.Left) && AreEqual(g.Right, p.Right))
            || (g.Kind != SetOperationKind.Difference && AreEqual(g.Left, p.Right) && AreEqual(g.Right, p.Left)),
        _ => TermText.Of(gold) == TermText.Of(pred),
    };
}
