using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Latex;

/// <summary>Sums, products and powers.</summary>
internal sealed partial class TermParser
{
    private Term Sum()
    {
        using var level = Enter();
        if (IsPlusMinus(Current))
        {
            var isOpposite = Current.IsCommand("mp");
            Next();
            return Rest(new PlusMinus(null, Product(), isOpposite));
        }

        return Rest(Product());

        Term Rest(Term first)
        {
            var terms = new List<Term> { first };
            while (true)
            {
                if (Current.Is('+') || Current.Is('-'))
                {
                    var isMinus = Current.Is('-');
                    Next();
                    if (Current.Is(')') || Current.Is('}') || Current.Kind == TokenKind.End)
                    {
                        throw new NotAFormulaException();
                    }

                    var term = Product();
                    if (isMinus && terms.Count == 1 && terms[0].IsSet() && term.IsSet())
                    {
                        terms[0] = new SetOperation(SetOperationKind.Difference, terms[0], term);
                        continue;
                    }

                    terms.Add(isMinus ? term.Negated() : term);
                }
                else if (IsPlusMinus(Current))
                {
                    var isOpposite = Current.IsCommand("mp");
                    Next();
                    var left = terms.Count == 1 ? terms[0] : new Addition([.. terms]);
                    terms = [new PlusMinus(left, Product(), isOpposite)];
                }
                else
                {
                    return terms.Count == 1 ? terms[0] : Matrices.Sum(terms);
                }
            }
        }
    }

    private static bool IsPlusMinus(Token token) => token.IsCommand("pm") || token.IsCommand("mp");

    private Term Product()
    {
        using var level = Enter();
        var result = Signed();
        while (true)
        {
            if (Current.Is('*') || Current.IsCommand("times") || Current.IsCommand("cdot") || Current.IsCommand("ast"))
            {
                Next();
                result = Times(result, Signed());
            }
            else if (Current.Is(':') && !stopsAtColon)
            {
                result = Ratio(result);
            }
            else if (Current.Is('/') || Current.IsCommand("div") || Current.IsCommand("over"))
            {
                Next();
                result = result.Over(Signed());
            }
            else if (Current.IsCommand("bmod") || Current.IsCommand("mod"))
            {
                Next();
                result = new Call("mod", [result, Signed()]);
            }
            else
            {
                return result;
            }
        }
    }

    // 3:4 is 3/4; of more parts, 1:2:3, each to the first.
    private Term Ratio(Term first)
    {
        var others = new List<Term>();
        while (Current.Is(':'))
        {
            Next();
            others.Add(Signed());
        }

        return others.Count == 1 ? first.Over(others[0]) : new Call("ratio", [.. others.Select(o => o.Over(first))], IsKnown: false);
    }

    private static Term Times(Term left, Term right) =>
        left is Matrix || right is Matrix ? Matrices.Product([left, right])
        : left is Multiplication m ? new Multiplication([.. m.Factors, right])
        : new Multiplication([left, right]);

    private Term Signed()
    {
        var isNegative = false;
        while (Current.Is('-') || Current.Is('+'))
        {
            isNegative ^= Current.Is('-');
            Next();
        }

        var term = Juxtaposed();
        return isNegative ? term.Negated() : term;
    }

    // Factors side by side bind closer than a sign of multiplication or division: 1/2x is 1/(2x).
    private Term Juxtaposed()
    {
        using var level = Enter();
        var factors = new List<Term> { Postfixed() };
        while (StartsFactor(Current))
        {
            if (Current.Kind == TokenKind.Text && IsUnit(Current.Text))
            {
                SkipUnit();
                continue;
            }

            if (MixedFraction(factors) is { } mixed)
            {
                factors[^1] = mixed;
                continue;
            }

            var isNumber = Current.Kind == TokenKind.Number;
            if (isNumber && factors[^1] is Number && Peek(-1).Kind == TokenKind.Number)
            {
                // "3 4" is no product.
                throw new NotAFormulaException();
            }

            factors.Add(Postfixed());
        }

        return factors.Count == 1 ? factors[0] : Matrices.Product(factors);
    }

    // 2 3/4 and 2\frac{3}{4}.
    private Number? MixedFraction(List<Term> factors)
    {
        if (factors is not [Number { IsDecimal: false, Value: { IsInteger: true } whole }] || Peek(-1).Kind != TokenKind.Number)
        {
            return null;
        }

        if (Current.Kind == TokenKind.Number && Peek(1).Is('/') && Peek(2).Kind == TokenKind.Number
            && IntegerOf(Current.Text) is { } a && IntegerOf(Peek(2).Text) is { } b && Mixed(whole, a, b) is { } value)
        {
            Next();
            Next();
            Next();
            return value;
        }

        if (Current.IsCommand("frac"))
        {
            var start = position;
            if (Quotient() is Number { Value: { IsInteger: false, Sign: > 0 } part } && whole.Plus(part) is { } sum && !Current.Is('^'))
            {
                return new Number(sum);
            }

            position = start;
        }

        return null;
    }

    private static Number? Mixed(Fraction whole, Fraction top, Fraction bottom) =>
        top.CompareTo(bottom) < 0 && bottom.Inverse() is { } inverse && top.Times(inverse) is { } part && whole.Plus(part) is { } sum
            ? new Number(sum)
            : throw new NotAFormulaException();

    private static Fraction? IntegerOf(string digits) => digits.All(char.IsAsciiDigit) ? Fraction.Decimal(digits) : null;

    private bool StartsFactor(Token token) => token.Kind switch
    {
        TokenKind.Number or TokenKind.Letter or TokenKind.Text => true,
        TokenKind.Character => token.Text[0] switch
        {
            '(' or '{' => true,
            '[' => !closesOpenInterval,
            '|' => bars == 0,
            _ => false,
        },
        TokenKind.Command => StartsFactor(token.Text),
        _ => false,
    };

    private static bool StartsFactor(string command) =>
        command is "frac" or "sqrt" or "binom" or "dbinom" or "tbinom" or "pi" or "infty" or "sum" or "prod" or "int" or "lim" or "iint" or "oint"
            or "lfloor" or "lceil" or "lvert" or "lVert" or "{" or "lbrace" or "langle" or "emptyset" or "varnothing" or "exponentialE"
        || command.StartsWith("begin ", StringComparison.Ordinal) || command.StartsWith("mathbb ", StringComparison.Ordinal)
        || Vocabulary.Functions.Contains(command) || Vocabulary.Greek.Contains(command) || Vocabulary.Variants.ContainsKey(command)
        || Vocabulary.Accents.ContainsKey(command);

    private static bool IsUnit(string text) =>
        text.Length > 0 && text.All(c => char.IsLetter(c) || c is ' ' or '.' or '/' or '^' or '{' or '}' || char.IsAsciiDigit(c))
        && text.Trim().ToLowerInvariant() is not ("if" or "when" or "for" or "where" or "is" or "not" or "mod" or "divides" or "to");

    // \text{cm}^2/\text{s} after a quantity.
    private void SkipUnit()
    {
        Next();
        if (Current.Is('^'))
        {
            Next();
            Postfixed();
        }

        if (Current.Is('/') && Peek(1).Kind == TokenKind.Text)
        {
            Next();
        }
    }

    private Term Postfixed()
    {
        var term = Powered();
        while (true)
        {
            if (Current.Is('!'))
            {
                Next();
                term = new Call("factorial", [term]);
            }
            else if (Current.Is('%') || Current.IsCommand("%"))
            {
                Next();
                term = new Percentage(term);
            }
            else
            {
                return term;
            }
        }
    }

    private Term Powered()
    {
        using var level = Enter();
        var term = Primary();
        while (Current.Is('^'))
        {
            Next();
            var isDegree = argumentsInDegrees > 0 && (Current.IsCommand("circ") || (Current.Is('{') && Peek(1).IsCommand("circ")));
            var exponent = Exponent();
            term = exponent is not null ? new Power(term, exponent) : isDegree ? InRadians(term) : term;
        }

        return term;
    }

    private static Multiplication InRadians(Term degrees) =>
        new([degrees, new Constant(ConstantKind.Pi), new Power(Number.Of(180), Number.Of(-1))]);

    // Null for marks that are no powers: degrees, primes, and the transpose, which is a name.
    private Term? Exponent()
    {
        using var level = Enter();
        if (Current.IsCommand("circ") || Current.IsCommand("degree") || Current.IsCommand("prime"))
        {
            Next();
            return null;
        }

        if (Current.Is('{') && (Peek(1).IsCommand("circ") || Peek(1).IsCommand("prime")) && Peek(2).Is('}'))
        {
            Next();
            Next();
            Next();
            return null;
        }

        if (Current.Is('{') && (Peek(1).Is('+') || Peek(1).Is('-')) && Peek(2).Is('}'))
        {
            // A one-sided limit.
            Next();
            Next();
            Next();
            return null;
        }

        if (Current.Is('-') || Current.Is('+'))
        {
            // 10^-3 of plain texts.
            var isNegative = Current.Is('-');
            Next();
            var value = Exponent() ?? throw new NotAFormulaException();
            return isNegative ? value.Negated() : value;
        }

        var base_ = Primary();
        if (!Current.Is('^'))
        {
            return base_;
        }

        Next();
        return Exponent() is { } higher ? new Power(base_, higher) : base_;
    }
}
