using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Latex;

/// <summary>Numbers, variables, groups, intervals and tuples.</summary>
internal sealed partial class TermParser
{
    private bool stopsAtColon;
    private bool closesOpenInterval;
    private int argumentsInDegrees;

    private Term Primary()
    {
        using var level = Enter();
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Number:
                return NumberLiteral();
            case TokenKind.Letter:
                Next();
                return Variable(token.Text);
            case TokenKind.Text:
                Next();
                return WithSubscript(token.Text.Replace(" ", "", StringComparison.Ordinal).Trim('(', ')'));
            case TokenKind.Command:
                return Command();
            case TokenKind.Character:
                switch (token.Text[0])
                {
                    case '(' or '[' or ']':
                        return Bracketed();
                    case '{':
                        return Braced();
                    case '|':
                        return Bars(t => t.Is('|'));
                }

                break;
        }

        throw new NotAFormulaException();
    }

    private Term NumberLiteral()
    {
        var text = Current.Text;
        Next();
        var e = text.IndexOfAny(['e', 'E']);
        var digits = e < 0 ? text : text[..e];
        var exponent = e < 0 ? 0 : long.TryParse(text[(e + 1)..].Replace("+", "", StringComparison.Ordinal), out var parsed) ? parsed : long.MaxValue / 2;
        if (Fraction.Decimal(digits, exponent) is not { } value)
        {
            // Too long to be computed with: equal to itself alone.
            return new Symbol("#" + text);
        }

        if (Current.IsCommand("overline") && Current is { FollowsSpace: false } && digits.Contains('.', StringComparison.Ordinal))
        {
            return Repeating(digits, value);
        }

        if (Current.Is('_'))
        {
            // The base of a number is not looked at.
            Next();
            _ = Primary();
        }

        return new Number(value, (text.Contains('.', StringComparison.Ordinal) && text[^1] != '.') || e >= 0);
    }

    // 0.1\overline{6}: the block's value is block / (10^n − 1) / 10^places.
    private Number Repeating(string digits, Fraction start)
    {
        Next();
        Expect('{');
        var block = Current.Text;
        if (Current.Kind != TokenKind.Number || !block.All(char.IsAsciiDigit) || block.Length > 50)
        {
            throw new NotAFormulaException();
        }

        Next();
        Expect('}');
        var places = digits.Length - digits.IndexOf('.', StringComparison.Ordinal) - 1;
        var nines = Fraction.Decimal(new string('9', block.Length) + new string('0', places))!.Value;
        return new Number(start.Plus(Fraction.Decimal(block)!.Value.Times(nines.Inverse()!.Value)!.Value)!.Value);
    }

    private Term Variable(string name)
    {
        if (name == "e")
        {
            return new Constant(ConstantKind.Euler);
        }

        var term = WithSubscript(name);
        if (term is Symbol { Name: "i" } && !Current.Is('('))
        {
            return new Constant(ConstantKind.ImaginaryUnit);
        }

        return Applied((Symbol)term);
    }

    private Symbol WithSubscript(string name)
    {
        if (!Current.Is('_'))
        {
            return new Symbol(Lower(name));
        }

        Next();
        var start = position;
        if (Current.Is('{'))
        {
            var open = 0;
            do
            {
                open += Current.Is('{') ? 1 : Current.Is('}') ? -1 : 0;
                if (Current.Kind == TokenKind.End)
                {
                    throw new NotAFormulaException();
                }

                Next();
            }
            while (open > 0);
        }
        else if (Current.Kind == TokenKind.End)
        {
            throw new NotAFormulaException();
        }
        else
        {
            Next();
        }

        var subscript = string.Concat(tokens.Skip(start).Take(position - start).Where(t => !t.Is('{') && !t.Is('}')).Select(t => t.Text));
        return new Symbol(Lower(name) + "_" + subscript.ToLowerInvariant());
    }

    private static string Lower(string name) => name.ToLowerInvariant();

    // f(x), f(2), P(x, y): a function of the user's; other letters before a parenthesis are factors.
    private Term Applied(Symbol symbol)
    {
        const string Names = "fghpqrstuvwyjlnkabdFGHPQ";
        if (!Current.Is('(') || (symbol.Name.Length == 1 && !Names.Contains(symbol.Name[0], StringComparison.Ordinal)))
        {
            return symbol;
        }

        var isName = symbol.Name[0] is 'f' or 'g' or 'h' or 'p' or 'q' or 'w';
        var isAtom = Peek(2).Is(')') && (Peek(1).Kind is TokenKind.Letter || (isName && Peek(1).Kind == TokenKind.Number));
        var isList = Peek(2).Is(',');
        if (!isAtom && !(isName && (isList || IsNegativeAtom())))
        {
            return symbol;
        }

        Next();
        var arguments = new List<Term> { Sum() };
        while (Current.Is(','))
        {
            Next();
            arguments.Add(Sum());
        }

        Expect(')');
        return new Call(symbol.Name, arguments, IsKnown: false);

        bool IsNegativeAtom() => Peek(1).Is('-') && Peek(3).Is(')');
    }

    // ( … ), [ … ], and mixed ends of intervals; ]a, b[ is open.
    private Term Bracketed()
    {
        var opening = Current.Text[0];
        Next();
        var outerBars = bars;
        var outerColon = stopsAtColon;
        var outerOpen = closesOpenInterval;
        (bars, stopsAtColon, closesOpenInterval) = (0, false, opening == ']' || (opening == '[' && ClosesWithOpening()));
        var rows = new List<List<Term>> { new() };
        rows[0].Add(Element());
        while (Current.Is(',') || Current.Is(';'))
        {
            if (Current.Is(';'))
            {
                rows.Add([]);
            }

            Next();
            if (Current.Is(')') || Current.Is(']'))
            {
                break;
            }

            rows[^1].Add(Element());
        }

        (bars, stopsAtColon, closesOpenInterval) = (outerBars, outerColon, outerOpen);
        var closing = Current.Kind == TokenKind.Character ? Current.Text[0] : '\0';
        if (closing is not (')' or ']' or '['))
        {
            throw new NotAFormulaException();
        }

        Next();
        rows.RemoveAll(r => r.Count == 0);
        if (rows is [[var single]])
        {
            return opening != ']' && closing != '[' ? single : throw new NotAFormulaException();
        }

        return rows is [[var lower, var upper]]
            ? new Interval(lower, upper, opening is '(' or ']', closing is ')' or '[')
            : opening != ']' && closing != '[' ? new Sequence([.. rows.SelectMany(r => r)]) : throw new NotAFormulaException();
    }

    // Whether the bracket that is open closes with "[", as [0, 1[ does.
    private bool ClosesWithOpening()
    {
        for (var i = position; i < tokens.Count; i++)
        {
            if (tokens[i].Is(']') || tokens[i].Is(')'))
            {
                return false;
            }

            if (tokens[i].Is('['))
            {
                return i > position && Enumerable.Range(position, i - position).Any(k => tokens[k].Is(','))
                    && (i + 1 >= tokens.Count - 1 || !tokens.Skip(i + 1).Any(t => t.Is(']')) || tokens[i + 1].IsCommand("cup"));
            }
        }

        return false;
    }

    // { … }: a group, or with commas a set.
    private Term Braced()
    {
        Next();
        if (Current.Is('}'))
        {
            throw new NotAFormulaException();
        }

        var outerBars = bars;
        bars = 0;
        var list = List('}');
        if (Current.IsCommand("choose"))
        {
            Next();
            list = new Call("binomial", [list, Sum()]);
        }

        bars = outerBars;
        Expect('}');
        return list;
    }
}
