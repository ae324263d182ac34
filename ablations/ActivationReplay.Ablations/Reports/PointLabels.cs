namespace ActivationReplay.Ablations.Reports;

/// <summary>Numbers beside points; points that would cover each other's number share one, <c>3–5, 8</c>.</summary>
internal static class PointLabels
{
    // A number's room in pixels.
    private const double Wide = 15;
    private const double High = 13;

    // Ranges beyond these would reach into other points; the table tells cells apart.
    private const int MostRanges = 3;

    /// <summary>The labels.</summary>
    /// <param name="points">The numbers, ascending, with their coordinates.</param>
    /// <param name="unitX">A pixel's width on the horizontal axis.</param>
    /// <param name="unitY">A pixel's height on the vertical axis.</param>
    public static IReadOnlyList<(double X, double Y, string Text)> Of(
        IEnumerable<(int Number, double X, double Y)> points, double unitX, double unitY)
    {
        var groups = new List<List<(int Number, double X, double Y)>>();
        foreach (var point in points)
        {
            var near = groups.Find(g => Math.Abs(g[0].X - point.X) < Wide * unitX && Math.Abs(g[0].Y - point.Y) < High * unitY);
            if (near is null)
            {
                groups.Add([point]);
            }
            else
            {
                near.Add(point);
            }
        }

        return [.. groups.Select(g => (g[0].X, g[0].Y, Ranges([.. g.Select(p => p.Number)])))];
    }

    /// <summary>Ascending numbers as ranges.</summary>
    public static string Ranges(IReadOnlyList<int> numbers)
    {
        // Consecutive numbers have the same difference between number and index.
        var runs = numbers.Index().GroupBy(n => n.Item - n.Index, n => n.Item).Select(g => g.ToList()).ToList();
        var texts = runs.Take(MostRanges).Select(r => r.Count switch
        {
            1 => Numbers.Whole(r[0]),
            2 => $"{Numbers.Whole(r[0])}, {Numbers.Whole(r[1])}",
            _ => $"{Numbers.Whole(r[0])}–{Numbers.Whole(r[^1])}",
        });
        return string.Join(", ", texts) + (runs.Count > MostRanges ? " …" : "");
    }
}
