using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Equality;

/// <summary>
/// Whether a predicted term is the reference: numbers, expressions, equations, inequalities, sets, tuples, matrices. It is not
/// symmetric: the form of the reference decides what is compared.
/// </summary>
internal sealed class TermEquality(EqualityOptions options)
{
    private readonly ScalarEquality scalars = new(options);

    /// <summary>Whether the prediction equals the reference.</summary>
    public bool AreEqual(Term gold, Term pred)
    {
        if (!options.IsStrict)
        {
            pred = Variables.Matched(gold, pred);
        }

        return Compare(Canonical(gold), Canonical(pred));
    }

    // Elements of sets and sides of equations come here again.
    private bool Compare(Term gold, Term pred)
    {
        (gold, pred) = (Assignments.Shortened(gold), Assignments.Shortened(pred));
        var isGoldEquation = gold is Relation { IsEquation: true };
        var comparesSets = options.ComparesSetsWithRelations ?? CanOnlyBeASet(gold);
        if (pred is Relation { IsEquation: true } && !isGoldEquation)
        {
            // The value of an equation answers a question for a value; and the reverse for x = 3, not for 2x + z = 3.
            pred = Assignments.ValueOf(pred);
        }
        else if (pred is not Relation { IsEquation: true } && Assignments.IsAssignment(gold))
        {
            gold = Assignments.ValueOf(gold);
        }

        return (gold, pred) switch
        {
            (Relation g, Relation p) => new RelationEquality(scalars, Compare, options).AreEqual(g, p),
            (Relation g, _) when pred.IsSet() => SayTheSame(g, pred),
            (_, Relation p) when gold.IsSet() && comparesSets => SayTheSame(gold, p),
            (Interval or SetOperation, FiniteSet p) when comparesSets && Inequalities(p) is { } set => SayTheSame(gold, set),
            (Relation, _) or (_, Relation) => false,
            (FiniteSet g, _) when pred is Interval or SetOperation or NamedSet && Inequalities(g) is { } set => SayTheSame(set, pred),
            (Matrix g, Matrix p) => g.Rows.Count == p.Rows.Count && g.Width == p.Width
                && g.Parts().Zip(p.Parts()).All(pair => Compare(pair.First, pair.Second)),
            (Matrix, _) or (_, Matrix) => false,
            _ when gold.IsSetOrSequence() || pred.IsSetOrSequence() => new SetEquality(Compare, options).AreEqual(gold, pred),
            _ => scalars.AreEqual(gold, pred),
        };
    }

    // (2,5) may be a pair; [2,5), (2,∞) and unions are sets. "x ∈ [2,5)" is a relation of its own.
    private static bool CanOnlyBeASet(Term term) => term switch
    {
        Interval i => !i.IsOpen || RealSets.Endpoint(i.Lower) is double.NegativeInfinity || RealSets.Endpoint(i.Upper) is double.PositiveInfinity,
        SetOperation o => o.Left is Interval or SetOperation && o.Right is Interval or SetOperation or FiniteSet,
        _ => false,
    };

    private bool SayTheSame(Term gold, Term pred) => new RealSets(options).AreEqual(gold, pred) ?? false;

    // "x < -1 or x > 1" is a union; of what together would be everything, the common part is meant: x > 1 and x < 3.
    private SetOperation? Inequalities(FiniteSet list)
    {
        if (list.Items is not [Relation { IsEquation: false } left, Relation { IsEquation: false } right])
        {
            return null;
        }

        var union = new SetOperation(SetOperationKind.Union, left, right);
        return SayTheSame(union, new NamedSet('R')) ? union with { Kind = SetOperationKind.Intersection } : union;
    }

    private static Term Canonical(Term term) => SetEquality.Flatten(term.Map(Canonical));
}
