using System.Numerics;
using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Equality;

/// <summary>
/// Sets of real numbers by what they contain. Two unions of intervals and points are equal if and only if they agree at all
/// of their ends, between neighbouring ends, and beyond them.
/// </summary>
internal sealed class RealSets(EqualityOptions options)
{
    private readonly double tolerance = 0.6 * Math.Pow(10, -options.Places);
    private readonly Budget budget = new();

    /// <summary>The value of an end, ±∞ for infinities; null where it is no real number.</summary>
    public static double? Endpoint(Term term) => term switch
    {
        Constant { Kind: ConstantKind.Infinity } => double.PositiveInfinity,
        Multiplication { Factors: [Number { Value.Sign: < 0 }, Constant { Kind: ConstantKind.Infinity }] } => double.NegativeInfinity,
        _ when term.Holds(t => t is Symbol or Call { IsKnown: false }) => null,
        _ => PointValue.Of(term, new Dictionary<string, Complex>(), new Budget()) is { } v && Math.Abs(v.Imaginary) < 1e-12 ? v.Real : null,
    };

    /// <summary>Whether two sets, or relations in one unknown, hold the same numbers; null where that cannot be told.</summary>
    public bool? AreEqual(Term gold, Term pred)
    {
        var ends = new List<double>();
        if (!Collect(gold, ends) || !Collect(pred, ends))
        {
            return null;
        }

        foreach (var x in Probes(ends))
        {
            if (Holds(gold, x) is not { } inGold || Holds(pred, x) is not { } inPred)
            {
                return null;
            }

            if (inGold != inPred)
            {
                return false;
            }
        }

        return true;
    }

    private IEnumerable<double> Probes(List<double> ends)
    {
        double[] sorted = [.. ends.Where(double.IsFinite).Order()];
        var distinct = new List<double>();
        foreach (var x in sorted)
        {
            if (distinct.Count == 0 || x - distinct[^1] > tolerance)
            {
                distinct.Add(x);
            }
        }

        // Numbers that are not whole, not rational, and of both signs tell number sets apart.
        var outer = distinct.Count == 0 ? [0, 1, -1, 0.5, Math.Sqrt(2)] : new[] { distinct[0] - 1, distinct[0] - 17.5, distinct[^1] + 1, distinct[^1] + 23.5 };
        return distinct.Concat(distinct.Zip(distinct.Skip(1), (a, b) => (a + b) / 2)).Concat(distinct.Zip(distinct.Skip(1), (a, b) => a + ((b - a) / Math.E))).Concat(outer);
    }

    // Ends of intervals, elements, and the numbers in a relation; false where something is not a real number.
    private static bool Collect(Term term, List<double> ends)
    {
        const int Most = 400;
        if (ends.Count > Most)
        {
            return false;
        }

        switch (term)
        {
            case FiniteSet s:
                return s.Items.All(i => Add(i, ends));
            case Interval i:
                return Add(i.Lower, ends) && Add(i.Upper, ends);
            case SetOperation o:
                return Collect(o.Left, ends) && Collect(o.Right, ends);
            case NamedSet s:
                ends.AddRange(s.Name is 'N' or 'Z' or 'Q' ? [-2, -1, 0, 0.5, 1, 2, Math.Sqrt(2)] : []);
                return s.Name != 'C';
            case Relation r:
                return r.Unknowns().Count() == 1 && CollectOfRelation(r, ends);
            default:
                return Add(term, ends);
        }
    }

    private static bool Add(Term term, List<double> ends)
    {
        if (Endpoint(term) is not { } value)
        {
            return false;
        }

        ends.Add(value);
        return true;
    }

    // Where a relation begins and ceases to hold is among these, or shows between them.
    private static bool CollectOfRelation(Relation relation, List<double> ends)
    {
        foreach (var operand in relation.Operands)
        {
            Numbers(operand);
        }

        for (var x = -6; x <= 6; x++)
        {
            ends.Add(x + 0.37);
        }

        return true;

        void Numbers(Term term)
        {
            if (Endpoint(term) is { } value)
            {
                ends.Add(value);
                ends.Add(-value);
            }

            foreach (var part in term.Parts())
            {
                Numbers(part);
            }
        }
    }

    private bool? Holds(Term set, double x)
    {
        switch (set)
        {
            case FiniteSet s:
                return s.Items.Any(i => IsNear(Endpoint(i)!.Value, x));
            case Interval i:
                return IsAbove(x, Endpoint(i.Lower)!.Value, i.IsLowerOpen) && IsAbove(-x, -Endpoint(i.Upper)!.Value, i.IsUpperOpen);
            case SetOperation o when Holds(o.Left, x) is { } left && Holds(o.Right, x) is { } right:
                return o.Kind switch
                {
                    SetOperationKind.Union => left || right,
                    SetOperationKind.Intersection => left && right,
                    _ => left && !right,
                };
            case NamedSet s:
                return s.Name switch
                {
                    'R' => true,
                    'Q' => Math.Abs((x * 64) - Math.Round(x * 64)) < 1e-9,
                    'Z' => IsNear(Math.Round(x), x),
                    'N' => IsNear(Math.Round(x), x) && x > 0.5,
                    _ => false,
                };
            case Relation r:
                return Satisfies(r, x);
            case SetOperation:
                return null;
            default:
                return IsNear(Endpoint(set)!.Value, x);
        }
    }

    private bool? Satisfies(Relation relation, double x)
    {
        var point = relation.Unknowns().ToDictionary(n => n, _ => (Complex)x);
        var values = relation.Operands.Select(o => Endpoint(o) is { } e ? e : PointValue.Of(o, point, budget) is { } v && Math.Abs(v.Imaginary) < 1e-9 ? v.Real : (double?)null).ToList();
        for (var i = 0; i < relation.Signs.Count; i++)
        {
            if (values[i] is not { } left || values[i + 1] is not { } right)
            {
                // Undefined there, as 1/x > 0 at 0: it does not hold.
                return false;
            }

            var isEqual = IsNear(left, right);
            var holds = relation.Signs[i] switch
            {
                RelationSign.Equal => isEqual,
                RelationSign.Unequal => !isEqual,
                RelationSign.Less => left < right && !isEqual,
                RelationSign.LessOrEqual => left < right || isEqual,
                RelationSign.Greater => left > right && !isEqual,
                _ => left > right || isEqual,
            };
            if (!holds)
            {
                return false;
            }
        }

        return true;
    }

    private bool IsAbove(double x, double end, bool isOpen) => IsNear(x, end) ? !isOpen : x > end;

    private bool IsNear(double a, double b) => Math.Abs(a - b) <= tolerance * Math.Max(1, Math.Abs(a) * 1e-6) || a == b;
}
