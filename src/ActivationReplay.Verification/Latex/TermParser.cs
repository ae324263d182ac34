using ActivationReplay.Verification.Equality;
using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Latex;

/// <summary>
/// A parser of normalised formulas: lists, relations, sets, sums, products, powers, functions. This file has lists and relations; the
/// other parts have arithmetic, groups, blocks and functions.
/// </summary>
/// <remarks>Depth and length are bounded, and every step consumes a token: any text ends in a term or in null.</remarks>
internal sealed partial class TermParser
{
    private const int MaxDepth = 240;

    private readonly IReadOnlyList<Token> tokens;
    private int position;
    private int depth;
    private int bars;

    private TermParser(IReadOnlyList<Token> tokens) => this.tokens = tokens;

    private Token Current => tokens[position];

    /// <summary>Parses a text normalised by <see cref="LatexText.Normalize"/>; null if it is not a formula.</summary>
    public static Term? Parse(string normalized)
    {
        if (normalized.Length is 0 or > LatexText.MaxLength || Prose.CalendarDate.IsNumeric(normalized))
        {
            return null;
        }

        // Of "A ⇒ B" the conclusion, and of what cannot be read whole, the part after its last equals sign.
        return Whole(Conclusion(normalized)) ?? (LastSide(normalized) is { } side ? Whole(side) : null);
    }

    private static Term? Whole(string text)
    {
        if (Lexer.Run(text) is not { Count: > 1 } tokens)
        {
            return null;
        }

        try
        {
            var parser = new TermParser(tokens);
            var term = parser.List(stop: null);
            return parser.Current.Kind == TokenKind.End ? PlusMinusSigns.Resolve(term) : null;
        }
        catch (NotAFormulaException)
        {
            return null;
        }
    }

    private static string Conclusion(string text)
    {
        foreach (var arrow in new[] { @"\Rightarrow", @"\implies", @"\Longrightarrow", @"\therefore" })
        {
            var at = text.LastIndexOf(arrow, StringComparison.Ordinal);
            if (at >= 0 && text[(at + arrow.Length)..] is { } rest && !string.IsNullOrWhiteSpace(rest))
            {
                text = rest;
            }
        }

        return text;
    }

    private static string? LastSide(string text)
    {
        if (text.IndexOfAny([',', ';']) >= 0)
        {
            return null;
        }

        var sides = text.Split('=');
        return sides.Length > 2 && sides[^1].Trim().Length > 0 ? sides[^1].Trim() : null;
    }

    // Elements between commas, and between semicolons rows of them.
    private Term List(char? stop)
    {
        var rows = new List<List<Term>> { new() };
        while (true)
        {
            if (AtStop(stop) && rows[^1].Count > 0)
            {
                // "1, 2," ends in a comma.
                break;
            }

            rows[^1].Add(Element());
            if (Current.Is(',') || Current.Is(';'))
            {
                if (Current.Is(';'))
                {
                    rows.Add([]);
                }

                Next();
                if (Current.Is(',') || Current.Is(';'))
                {
                    Next();
                }

                if (AtStop(stop))
                {
                    break;
                }

                continue;
            }

            break;
        }

        rows.RemoveAll(r => r.Count == 0);
        return OfRows(rows);
    }

    private bool AtStop(char? stop) => stop is null ? Current.Kind == TokenKind.End : Current.Is(stop.Value);

    private static Term OfRows(List<List<Term>> rows)
    {
        if (rows.Count == 0)
        {
            throw new NotAFormulaException();
        }

        if (rows.Count > 1)
        {
            return rows.All(r => r.Count == 1)
                ? new FiniteSet([.. rows.Select(r => r[0])])
                : new FiniteSet([.. rows.Select(r => (Term)new Sequence(r))]);
        }

        var row = rows[0];
        if (row.Count == 1)
        {
            return row[0];
        }

        // "k = 1, 2, 3" is a value of three parts; "a = 1, b = 2" are two equations.
        return row[0] is Relation { Operands.Count: 2, IsEquation: true } first && row.Skip(1).All(r => r is not Relation)
            && (first.Operands[0] is Symbol or Sequence or Interval or Call || row.Skip(1).Any(r => r is Number or Multiplication or Addition or PlusMinus))
            ? new Relation([first.Operands[0], new FiniteSet([first.Operands[1], .. row.Skip(1)])], first.Signs)
            : new FiniteSet(row);
    }

    private Term Element()
    {
        using var level = Enter();
        var left = SetDifference();
        var operands = new List<Term> { left };
        var signs = new List<RelationSign>();
        while (true)
        {
            var token = Current;
            if ((token.Kind is TokenKind.Character or TokenKind.Command) && Vocabulary.Relations.TryGetValue(token.Text, out var sign))
            {
                Next();
                // "x = = 2", "y =" at the end, and "≥" written as "> =".
                operands.Add(SetDifference());
                signs.Add(sign);
            }
            else if (token.IsCommand("in"))
            {
                Next();
                operands.Add(SetDifference());
                signs.Add(RelationSign.Equal);
            }
            else if (token.IsCommand("notin"))
            {
                Next();
                operands.Add(new SetOperation(SetOperationKind.Difference, new NamedSet('R'), SetDifference()));
                signs.Add(RelationSign.Equal);
            }
            else if (token.IsCommand("approx") || token.IsCommand("simeq"))
            {
                // x ≈ 3.1 says what x is; x = 1/3 ≈ 0.33 says it of the exact value.
                Next();
                var value = SetDifference();
                if (signs.Count == 0 && Assignments.IsName(operands[0]))
                {
                    operands.Add(value);
                    signs.Add(RelationSign.Equal);
                }
            }
            else
            {
                break;
            }
        }

        return signs.Count == 0 ? operands[0] : new Relation(operands, signs);
    }

    private Term SetDifference() => Binary(
        Union, t => t.IsCommand("setminus") || t.IsCommand("backslash"), (a, b) => new SetOperation(SetOperationKind.Difference, a, b));

    private Term Union() => Binary(Intersection, t => t.IsCommand("cup"), (a, b) => new SetOperation(SetOperationKind.Union, AsSet(a), AsSet(b)));

    private Term Intersection() =>
        Binary(Sum, t => t.IsCommand("cap"), (a, b) => new SetOperation(SetOperationKind.Intersection, AsSet(a), AsSet(b)));

    private static Term AsSet(Term term) => term is Sequence s ? new FiniteSet(s.Items) : term;

    private Term Binary(Func<Term> part, Func<Token, bool> isSign, Func<Term, Term, Term> combine)
    {
        var result = part();
        while (isSign(Current))
        {
            Next();
            result = combine(result, part());
        }

        return result;
    }

    private void Next() => position = Math.Min(position + 1, tokens.Count - 1);

    private Token Peek(int ahead) => tokens[Math.Min(position + ahead, tokens.Count - 1)];

    private void Expect(char character)
    {
        if (!Current.Is(character))
        {
            throw new NotAFormulaException();
        }

        Next();
    }

    private Level Enter() => ++depth > MaxDepth ? throw new NotAFormulaException() : new Level(this);

    private readonly struct Level(TermParser parser) : IDisposable
    {
        public void Dispose() => parser.depth--;
    }

    private sealed class NotAFormulaException : Exception;
}
