using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Equality;

/// <summary>Evaluates terms exactly, in rational numbers.</summary>
internal static class ExactValue
{
    private const int MaxRange = 2000;

    /// <summary>The value of a term; null if a part is not rational or not defined.</summary>
    /// <param name="term">The term.</param>
    /// <param name="budget">The steps left.</param>
    /// <param name="unknowns">Values of the unknowns by name; null where there are none.</param>
    public static Fraction? Of(Term term, Budget budget, IReadOnlyDictionary<string, Fraction>? unknowns = null)
    {
        if (!budget.Take())
        {
            return null;
        }

        return term switch
        {
            Number n => n.Value,
            Symbol s => Known(s.Name),
            Call { IsKnown: false } => Known(TermText.Of(term)),
            Percentage p => Of(p.Amount, budget, unknowns) is { } amount ? amount.Times(Fraction.Create(1, 100)!.Value) : null,
            Addition a => Fold(a.Terms, Fraction.Zero, (x, y) => x.Plus(y)),
            Multiplication m => Fold(m.Factors, Fraction.One, (x, y) => x.Times(y)),
            Power p => Of(p.Exponent, budget, unknowns) is { } exponent && Of(p.Base, budget, unknowns) is { } value ? value.Power(exponent) : null,
            BoundOperation o => OverRange(o, budget, unknowns),
            Call c => Function(c),
            _ => null,
        };

        Fraction? Known(string name) => unknowns is not null && unknowns.TryGetValue(name, out var value) ? value : null;

        Fraction? Fold(IReadOnlyList<Term> parts, Fraction start, Func<Fraction, Fraction, Fraction?> combine)
        {
            Fraction? result = start;
            for (var i = 0; i < parts.Count && result is { } value; i++)
            {
                result = Of(parts[i], budget, unknowns) is { } part ? combine(value, part) : null;
            }

            return result;
        }

        Fraction? Function(Call call)
        {
            var values = call.Arguments.Select(a => Of(a, budget, unknowns)).ToList();
            if (values.Any(v => v is null))
            {
                return null;
            }

            var x = values[0]!.Value;
            return (call.Name, values.Count) switch
            {
                ("root", 2) => values[1] is { IsInteger: true, Sign: > 0 } degree ? x.Root(degree.Numerator) : null,
                ("abs", 1) => x.Magnitude(),
                ("floor", 1) => Fraction.Create(x.Floor(), 1),
                ("ceil", 1) => Fraction.Create(x.Ceiling(), 1),
                ("factorial", 1) => WholeNumbers.Factorial(x),
                ("binomial", 2) => WholeNumbers.Binomial(x, values[1]!.Value),
                ("mod", 2) => WholeNumbers.Modulo(x, values[1]!.Value),
                ("gcd", > 1) => values.Skip(1).Aggregate((Fraction?)x, (a, b) => a is null ? null : WholeNumbers.Gcd(a.Value, b!.Value)),
                ("lcm", > 1) => values.Skip(1).Aggregate((Fraction?)x, (a, b) => a is null ? null : WholeNumbers.Lcm(a.Value, b!.Value)),
                ("max", _) => values.Max(v => v!.Value),
                ("min", _) => values.Min(v => v!.Value),
                _ => null,
            };
        }
    }

    private static Fraction? OverRange(BoundOperation operation, Budget budget, IReadOnlyDictionary<string, Fraction>? unknowns)
    {
        if (Of(operation.Lower, budget, unknowns) is not { IsInteger: true } lower
            || Of(operation.Upper, budget, unknowns) is not { IsInteger: true } upper
            || upper.Numerator - lower.Numerator > MaxRange)
        {
            return null;
        }

        var values = new Dictionary<string, Fraction>(unknowns ?? new Dictionary<string, Fraction>());
        var isSum = operation.Name == "sum";
        Fraction? result = isSum ? Fraction.Zero : Fraction.One;
        for (var i = lower.Numerator; i <= upper.Numerator && result is not null; i++)
        {
            values[operation.Variable] = Fraction.Create(i, 1)!.Value;
            result = Of(operation.Body, budget, values) is { } part ? (isSum ? result.Value.Plus(part) : result.Value.Times(part)) : null;
        }

        return result;
    }
}
