using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Latex;

/// <summary>Commands: constants, fractions, roots, functions, sums over a range.</summary>
internal sealed partial class TermParser
{
    private Term Command()
    {
        var name = Current.Text;
        switch (name)
        {
            case "frac":
                return Quotient();
            case "sqrt":
                return Root();
            case "binom" or "dbinom" or "tbinom":
                Next();
                return new Call("binomial", [Argument(), Argument()]);
            case "pi":
                Next();
                return new Constant(ConstantKind.Pi);
            case "exponentialE":
                Next();
                return new Constant(ConstantKind.Euler);
            case "infty":
                Next();
                return new Constant(ConstantKind.Infinity);
            case "emptyset" or "varnothing":
                Next();
                return new NamedSet(NamedSet.Empty);
            case "{":
                return SetBraces("}");
            case "lbrace":
                return SetBraces("rbrace");
            case "lvert":
                return Bars(t => t.IsCommand("rvert"));
            case "vert":
                return Bars(t => t.IsCommand("vert"));
            case "|" or "Vert":
                return Bars(t => t.IsCommand(name), "norm");
            case "lVert":
                return Bars(t => t.IsCommand("rVert"), "norm");
            case "lfloor":
                return Bars(t => t.IsCommand("rfloor"), "floor");
            case "lceil":
                return Bars(t => t.IsCommand("rceil"), "ceil");
            case "langle":
                return Angles();
            case "sum" or "prod":
                return OverRange(name);
            case "int" or "iint" or "oint":
                return Integral(name);
            case "lim":
                return Limit();
        }

        if (name.StartsWith("mathbb ", StringComparison.Ordinal))
        {
            Next();
            return NumberSet(name[^1]);
        }

        if (name.StartsWith("begin ", StringComparison.Ordinal))
        {
            return MatrixBlock(name["begin ".Length..]);
        }

        if (Vocabulary.Functions.Contains(name))
        {
            return Function(name);
        }

        if (Vocabulary.Accents.TryGetValue(name, out var accent))
        {
            Next();
            var inner = TermText.Of(Argument());
            return WithSubscript(accent.Length == 0 ? inner : $"{accent}{{{inner}}}");
        }

        if (Vocabulary.Greek.Contains(name) || Vocabulary.Variants.ContainsKey(name))
        {
            Next();
            var symbol = Vocabulary.Variants.GetValueOrDefault(name, name);
            return symbol == "pi" ? new Constant(ConstantKind.Pi) : Applied(WithSubscript(symbol));
        }

        throw new NotAFormulaException();
    }

    private static NamedSet NumberSet(char name) =>
        name is 'N' or 'Z' or 'Q' or 'R' or 'C' ? new NamedSet(name) : throw new NotAFormulaException();

    // \frac{a}{b}, \frac12 (the rest of the digits below), \frac a b.
    private Term Quotient()
    {
        Next();
        if (Current is { Kind: TokenKind.Number, Text: { Length: > 1 } digits } && digits.All(char.IsAsciiDigit))
        {
            Next();
            return Digits(digits[..1]).Over(Digits(digits[1..]));
        }

        var top = Argument();
        var bottom = Current is { Kind: TokenKind.Number } && top is not null ? NumberLiteral() : Argument();
        return top!.Over(bottom);

        static Number Digits(string text) => new(Fraction.Decimal(text) ?? throw new NotAFormulaException());
    }

    private Call Root()
    {
        Next();
        Term? degree = null;
        if (Current.Is('['))
        {
            Next();
            degree = Sum();
            Expect(']');
        }

        return new Call("root", [Argument(), degree ?? Number.Of(2)]);
    }

    // What a command takes: a group, or one digit, letter or command.
    private Term Argument()
    {
        using var level = Enter();
        if (Current.Is('{'))
        {
            return Braced();
        }

        if (Current is { Kind: TokenKind.Number, Text: { Length: > 1 } text } token && text.All(char.IsAsciiDigit))
        {
            // \sqrt12 is √1·2 in TeX, as it is in what this follows.
            ReplaceCurrent(token with { Text = text[1..], FollowsSpace = false });
            return new Number(Fraction.Decimal(text[..1])!.Value);
        }

        if (Current.Kind == TokenKind.Letter)
        {
            var name = Current.Text;
            Next();
            return name == "e" ? new Constant(ConstantKind.Euler) : name is "i" or "I" ? new Constant(ConstantKind.ImaginaryUnit) : new Symbol(Lower(name));
        }

        return Primary();
    }

    private void ReplaceCurrent(Token token) => ((List<Token>)tokens)[position] = token;

    private Term Function(string name)
    {
        Next();
        Term? power = null;
        Term? index = null;
        while (Current.Is('^') || Current.Is('_'))
        {
            var isPower = Current.Is('^');
            Next();
            var script = isPower ? Exponent() : Argument();
            (power, index) = isPower ? (script, index) : (power, script);
        }

        // What is in degrees there is an angle.
        var takesAngle = name is "sin" or "cos" or "tan" or "cot" or "sec" or "csc" ? 1 : 0;
        argumentsInDegrees += takesAngle;
        var arguments = Arguments();
        argumentsInDegrees -= takesAngle;
        if (index is not null)
        {
            arguments.Add(index);
        }

        if (power is Number { Value: { IsInteger: true, Sign: < 0 } minus } && minus.Numerator == -1 && name is "sin" or "cos" or "tan")
        {
            return new Call("arc" + name, arguments);
        }

        Term call = new Call(name, arguments);
        return power is null ? call : new Power(call, power);
    }

    // In parentheses, or the factors side by side up to the next function.
    private List<Term> Arguments()
    {
        using var level = Enter();
        if (Current.Is('('))
        {
            return Bracketed() switch
            {
                Interval { IsOpen: true } pair => [pair.Lower, pair.Upper],
                Sequence s => [.. s.Items],
                var single => [single],
            };
        }

        if (Current.Is('{'))
        {
            return Braced() is var group && group is FiniteSet set ? [.. set.Items] : [group];
        }

        var isNegative = Current.Is('-');
        if (isNegative)
        {
            Next();
        }

        var factors = new List<Term> { Postfixed() };
        while (StartsFactor(Current) && Current.Kind is TokenKind.Number or TokenKind.Letter or TokenKind.Command
            && !Vocabulary.Functions.Contains(Current.Text) && !Current.IsCommand("{"))
        {
            factors.Add(Postfixed());
        }

        var product = factors.Count == 1 ? factors[0] : new Multiplication(factors);
        return [isNegative ? product.Negated() : product];
    }

    // \langle a, b \rangle: a vector.
    private Term Angles()
    {
        Next();
        var items = new List<Term> { Element() };
        while (Current.Is(','))
        {
            Next();
            items.Add(Element());
        }

        ExpectCommand("rangle");
        return items.Count == 1 ? items[0] : new Sequence(items);
    }

    private Term OverRange(string name)
    {
        Next();
        Term? range = null;
        Term? upper = null;
        while (Current.Is('_') || Current.Is('^'))
        {
            var isLower = Current.Is('_');
            Next();
            if (isLower)
            {
                Expect('{');
                range = Element();
                Expect('}');
            }
            else
            {
                upper = Argument();
            }
        }

        var body = Product();
        if (range is Relation { IsEquation: true, Operands: [var variable, var lower] } && upper is not null && NameOf(variable) is { } bound)
        {
            return new BoundOperation(name, bound, lower, upper, bound == "i" ? FreeUnit(body) : body);
        }

        return new Call(name, [body, .. new[] { range, upper }.OfType<Term>()], IsKnown: false);
    }

    private static string? NameOf(Term variable) => variable switch
    {
        Symbol s => s.Name,
        Constant { Kind: ConstantKind.ImaginaryUnit } => "i",
        _ => null,
    };

    // i as an index is no imaginary unit.
    private static Term FreeUnit(Term term) =>
        term is Constant { Kind: ConstantKind.ImaginaryUnit } ? new Symbol("i") : term.Map(FreeUnit);

    private Call Integral(string name)
    {
        Next();
        var bounds = new List<Term>();
        while (Current.Is('_') || Current.Is('^'))
        {
            bounds.Add(Current.Is('_') ? new Symbol("from") : new Symbol("to"));
            Next();
            bounds.Add(Argument());
        }

        return new Call(name, [Sum(), .. bounds], IsKnown: false);
    }

    private Call Limit()
    {
        Next();
        Term? range = null;
        if (Current.Is('_'))
        {
            Next();
            range = Argument();
        }

        return new Call("lim", range is null ? [Product()] : [Product(), range], IsKnown: false);
    }
}
