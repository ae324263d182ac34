using ScottPlot;

namespace ActivationReplay.Ablations.Reports;

/// <summary>Colours of plots for light or dark pages. Series are Okabe and Ito's, told apart by colour-blind readers, too.</summary>
/// <param name="Surface">Behind everything.</param>
/// <param name="Ink">Words and baselines.</param>
/// <param name="Muted">Axes and lesser words.</param>
/// <param name="Grid">Lines behind data.</param>
/// <param name="Series">Blue, vermilion, green, purple, orange, sky, grey, olive.</param>
internal sealed record PlotTheme(Color Surface, Color Ink, Color Muted, Color Grid, IReadOnlyList<Color> Series)
{
    private static readonly string[] Methods =
        ["base", "replay", "cross-model", "reverse", "mid-layer", "local-smooth", "none", "global-smooth"];

    public static PlotTheme Light { get; } = Of(
        "#FFFFFF", "#1D232A", "#5A6570", "#E6E9ED",
        "#0072B2", "#D55E00", "#009E73", "#C0619A", "#B97C00", "#2E8BC0", "#555B61", "#8A8A2B");

    public static PlotTheme Dark { get; } = Of(
        "#1B2026", "#E8ECF0", "#A3ADB8", "#303841",
        "#5AAEE8", "#F28C4B", "#3CC9A0", "#E0A0C4", "#F2B84B", "#9AD5F5", "#C3C9CF", "#CFCF66");

    /// <summary>The colour of a method in every plot.</summary>
    public Color Method(string method) => Series[Math.Max(0, Array.IndexOf(Methods, method))];

    /// <summary>
    /// The line of each cell: a method's first cell has the method's colour, further ones a colour that no method of the plot has,
    /// and where these are used up a pattern, too.
    /// </summary>
    /// <param name="cells">Cells and their methods, in order.</param>
    public IReadOnlyDictionary<string, (Color Colour, LinePattern Pattern)> Lines(IEnumerable<(string Cell, string Method)> cells)
    {
        var all = cells.Distinct().ToList();
        var firsts = all.DistinctBy(c => c.Method).ToDictionary(c => c.Cell, c => Method(c.Method));
        (Color, LinePattern)[] further =
        [
            .. Series.Except(firsts.Values).Select(colour => (colour, LinePattern.Solid)),
            .. Series.Select(colour => (colour, LinePattern.DenselyDashed)),
        ];
        var next = 0;
        return all.ToDictionary(
            c => c.Cell, c => firsts.TryGetValue(c.Cell, out var own) ? (own, LinePattern.Solid) : further[next++ % further.Length]);
    }

    private static PlotTheme Of(string surface, string ink, string muted, string grid, params string[] series) => new(
        Color.FromHex(surface), Color.FromHex(ink), Color.FromHex(muted), Color.FromHex(grid), [.. series.Select(Color.FromHex)]);
}
