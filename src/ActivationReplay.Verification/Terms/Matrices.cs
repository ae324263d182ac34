namespace ActivationReplay.Verification.Terms;

/// <summary>Sums, products and determinants of matrices, entry by entry.</summary>
internal static class Matrices
{
    /// <summary>The largest matrix; beyond it nothing is computed.</summary>
    public const int MaxSide = 12;

    public static Term Sum(IReadOnlyList<Term> terms) =>
        terms.All(t => t is Matrix) && terms.Cast<Matrix>().DistinctBy(m => (m.Width, m.Rows.Count)).Count() == 1
            ? terms.Cast<Matrix>().Aggregate(Zip)
            : new Addition(terms);

    public static Term Product(IReadOnlyList<Term> factors)
    {
        if (!factors.Any(f => f is Matrix))
        {
            return new Multiplication(factors);
        }

        var product = factors[0];
        foreach (var factor in factors.Skip(1))
        {
            Term? next = (product, factor) switch
            {
                (Matrix a, Matrix b) => Times(a, b),
                (Matrix a, _) => a.Map(e => new Multiplication([factor, e])),
                (_, Matrix b) => b.Map(e => new Multiplication([product, e])),
                _ => new Multiplication([product, factor]),
            };
            if (next is null)
            {
                return new Multiplication(factors);
            }

            product = next;
        }

        return product;
    }

    /// <summary>The determinant by expansion; null where it is not square, or large.</summary>
    public static Term? Determinant(Matrix matrix)
    {
        const int MaxExpanded = 4;
        if (matrix.Width != matrix.Rows.Count || matrix.Width > MaxExpanded)
        {
            return null;
        }

        if (matrix.Width == 1)
        {
            return matrix.Rows[0][0];
        }

        return new Addition([.. Enumerable.Range(0, matrix.Width).Select(column =>
        {
            var minor = new Matrix([.. matrix.Rows.Skip(1).Select(row => (IReadOnlyList<Term>)[.. row.Where((_, c) => c != column)])]);
            Term part = new Multiplication([matrix.Rows[0][column], Determinant(minor)!]);
            return column % 2 == 0 ? part : part.Negated();
        })]);
    }

    private static Matrix Zip(Matrix a, Matrix b) =>
        new([.. a.Rows.Zip(b.Rows, (x, y) => (IReadOnlyList<Term>)[.. x.Zip(y, (p, q) => new Addition([p, q]))])]);

    private static Matrix? Times(Matrix a, Matrix b) => a.Width == b.Rows.Count && Math.Max(a.Width, Math.Max(a.Rows.Count, b.Width)) <= MaxSide
        ? new Matrix([.. a.Rows.Select(row => (IReadOnlyList<Term>)[.. Enumerable.Range(0, b.Width).Select(column =>
            new Addition([.. row.Select((e, k) => new Multiplication([e, b.Rows[k][column]]))]))])])
        : null;
}
