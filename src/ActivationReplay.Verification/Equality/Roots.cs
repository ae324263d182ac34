using System.Numerics;
using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Equality;

/// <summary>Compares equations by where they hold: along lines through the space of the unknowns, by bisection.</summary>
internal sealed class Roots
{
    private const int Lines = 3;
    private const double Reach = 30;
    private const int Steps = 400;

    private readonly Budget budget = new();

    /// <summary>Whether two expressions are 0 at the same points, and at some. Roots without a change of sign are not seen.</summary>
    public bool Agree(Term gold, Term pred)
    {
        string[] names = [.. gold.Unknowns().Order(StringComparer.Ordinal)];
        if (names.Length == 0 || !names.SequenceEqual(pred.Unknowns().Order(StringComparer.Ordinal)))
        {
            return false;
        }

        var found = 0;
        foreach (var name in names.Take(2))
        {
            for (var line = 0; line < (names.Length == 1 ? 1 : Lines); line++)
            {
                var point = SamplePoints.Real(names, line);
                var golds = Along(gold, name, point);
                var preds = Along(pred, name, point);
                if (golds.Count != preds.Count || golds.Zip(preds).Any(p => Math.Abs(p.First - p.Second) > 1e-7 * Math.Max(1, Math.Abs(p.First))))
                {
                    return false;
                }

                found += golds.Count;
            }
        }

        return found > 0;
    }

    private List<double> Along(Term term, string name, Dictionary<string, Complex> point)
    {
        var roots = new List<double>();
        double? before = null;
        var last = 0.0;
        for (var i = 0; i <= Steps; i++)
        {
            // Off the grid of round numbers, where roots are.
            var x = -Reach - 0.0123 + (2 * Reach * i / Steps);
            var here = At(x);
            if (before is { } a && here is { } b && Math.Sign(a) * Math.Sign(b) < 0 && Bisect(last, x, a) is { } root)
            {
                roots.Add(root);
            }

            (before, last) = (here, x);
        }

        return roots;

        double? At(double x)
        {
            point[name] = x;
            return PointValue.Of(term, point, budget) is { } v && Math.Abs(v.Imaginary) < 1e-12 ? v.Real : null;
        }

        // Null for a pole.
        double? Bisect(double low, double high, double atLow)
        {
            var size = Math.Abs(atLow);
            for (var i = 0; i < 80; i++)
            {
                var middle = (low + high) / 2;
                if (At(middle) is not { } value)
                {
                    return null;
                }

                if (Math.Sign(value) == Math.Sign(atLow))
                {
                    low = middle;
                }
                else
                {
                    high = middle;
                }

                size = Math.Abs(value);
            }

            return size < 1e-6 * (1 + Math.Abs(atLow)) ? (low + high) / 2 : null;
        }
    }
}
