using ActivationReplay.Verification.Terms;

namespace ActivationReplay.Verification.Latex;

/// <summary>Sets in braces, absolute values and matrices.</summary>
internal sealed partial class TermParser
{
    // \{ … \}: a set, or what its members satisfy.
    private Term SetBraces(string closing)
    {
        Next();
        if (Current.IsCommand(closing))
        {
            Next();
            return new NamedSet(NamedSet.Empty);
        }

        var (outerBars, outerColon) = (bars, stopsAtColon);
        (bars, stopsAtColon) = (1, true);
        var items = new List<Term> { Element() };
        if (Current.IsCommand("mid") || Current.Is('|') || Current.Is(':'))
        {
            Next();
            (bars, stopsAtColon) = (0, false);
            items = [Element()];
            while (Current.Is(','))
            {
                Next();
                items.Add(Element());
            }

            (bars, stopsAtColon) = (outerBars, outerColon);
            ExpectCommand(closing);
            return items.Count == 1 ? items[0] : new FiniteSet(items);
        }

        while (Current.Is(',') || Current.Is(';'))
        {
            Next();
            if (Current.IsCommand(closing))
            {
                break;
            }

            items.Add(Element());
        }

        (bars, stopsAtColon) = (outerBars, outerColon);
        ExpectCommand(closing);
        return new FiniteSet(items);
    }

    private Call Bars(Func<Token, bool> isClosing, string name = "abs")
    {
        Next();
        var outer = bars;
        bars = 1;
        var inner = Sum();
        bars = outer;
        if (!isClosing(Current))
        {
            throw new NotAFormulaException();
        }

        Next();
        return new Call(name, [inner]);
    }

    private Term MatrixBlock(string environment)
    {
        Next();
        if (environment.StartsWith("array", StringComparison.Ordinal) && Current.Is('{'))
        {
            while (!Current.Is('}'))
            {
                if (Current.Kind == TokenKind.End)
                {
                    throw new NotAFormulaException();
                }

                Next();
            }

            Next();
        }

        var rows = new List<List<Term>> { new() };
        while (!Current.IsCommand("end " + environment))
        {
            if (Current.IsCommand("\\"))
            {
                rows.Add([]);
                Next();
            }
            else if (Current.Is('&'))
            {
                Next();
            }
            else
            {
                rows[^1].Add(Element());
            }
        }

        Next();
        rows.RemoveAll(r => r.Count == 0);
        if (rows.Count == 0 || rows.Any(r => r.Count != rows[0].Count) || rows.Count > Matrices.MaxSide || rows[0].Count > Matrices.MaxSide)
        {
            throw new NotAFormulaException();
        }

        return environment switch
        {
            "vmatrix" => Matrices.Determinant(new Matrix(rows)) ?? throw new NotAFormulaException(),
            "matrix" or "pmatrix" or "bmatrix" or "Bmatrix" or "array" or "smallmatrix" => new Matrix(rows),
            "aligned" or "align" or "align*" or "gathered" or "split" => rows.Count == 1 && rows[0].Count == 1
                ? rows[0][0]
                : new FiniteSet([.. rows.SelectMany(r => r)]),
            _ => throw new NotAFormulaException(),
        };
    }

    private void ExpectCommand(string name)
    {
        if (!Current.IsCommand(name))
        {
            throw new NotAFormulaException();
        }

        Next();
    }
}
