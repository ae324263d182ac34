using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Equality;

/// <summary>Whether equations and inequalities say the same.</summary>
/// <param name="scalars">Compares expressions.</param>
/// <param name="areEqual">Compares any terms.</param>
/// <param name="options">How numbers are compared.</param>
internal sealed class RelationEquality(ScalarEquality scalars, Func<Term, Term, bool> areEqual, EqualityOptions options)
{
    /// <summary>Whether a relation equals the reference: the same sides, sides exchanged, or multiplied by a number.</summary>
    public bool AreEqual(Relation gold, Relation pred)
    {
        if (gold.Signs.Count == pred.Signs.Count
            && (PairsAreEqual(gold, pred) || (pred.Signs.Count > 1 && PairsAreEqual(gold, Reversed(pred)))))
        {
            return true;
        }

        string[] unknowns = [.. gold.Unknowns()];
        return unknowns.Length == 1 && unknowns.SequenceEqual(pred.Unknowns())
            && !gold.IsEquation && !pred.IsEquation
            && (new RealSets(options).AreEqual(gold, pred) ?? false);
    }

    private bool PairsAreEqual(Relation gold, Relation pred)
    {
        for (var i = 0; i < gold.Signs.Count; i++)
        {
            if (!PairIsEqual(
                gold.Operands[i], gold.Signs[i], gold.Operands[i + 1], pred.Operands[i], pred.Signs[i], pred.Operands[i + 1]))
            {
                return false;
            }
        }

        return true;
    }

    private bool PairIsEqual(Term goldLeft, RelationSign goldSign, Term goldRight, Term predLeft, RelationSign predSign, Term predRight)
    {
        var isSame = goldSign == predSign;
        var isFlipped = goldSign == Flipped(predSign);
        if (!isSame && !isFlipped)
        {
            return false;
        }

        if (new[] { goldLeft, goldRight, predLeft, predRight }.Any(t => t.IsSetOrSequence() || t is Matrix))
        {
            return isSame && areEqual(goldLeft, predLeft) && areEqual(goldRight, predRight);
        }

        if ((isSame && TermText.Of(goldLeft) == TermText.Of(predLeft) && scalars.AreEqual(goldRight, predRight))
            || (isFlipped && TermText.Of(goldLeft) == TermText.Of(predRight) && scalars.AreEqual(goldRight, predLeft)))
        {
            return true;
        }

        var gold = goldLeft.Minus(goldRight);
        var pred = predLeft.Minus(predRight);
        if ((isSame && scalars.AreEqual(gold, pred)) || (isFlipped && scalars.AreEqual(gold, pred.Negated())))
        {
            return true;
        }

        if (!gold.Unknowns().Any())
        {
            return false;
        }

        if (scalars.Ratio(gold, pred) is { } factor)
        {
            return goldSign is RelationSign.Equal or RelationSign.Unequal || (factor > 0 ? isSame : isFlipped);
        }

        return goldSign == RelationSign.Equal && new Roots().Agree(gold, pred);
    }

    private static Relation Reversed(Relation relation) =>
        new([.. relation.Operands.Reverse()], [.. relation.Signs.Reverse().Select(Flipped)]);

    private static RelationSign Flipped(RelationSign sign) => sign switch
    {
        RelationSign.Less => RelationSign.Greater,
        RelationSign.LessOrEqual => RelationSign.GreaterOrEqual,
        RelationSign.Greater => RelationSign.Less,
        RelationSign.GreaterOrEqual => RelationSign.LessOrEqual,
        _ => sign,
    };
}
