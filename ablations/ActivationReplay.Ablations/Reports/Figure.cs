using ScottPlot;

namespace ActivationReplay.Ablations.Reports;

/// <summary>A plot of a run, drawn when it is asked for.</summary>
/// <param name="Name">The file's name, without extension.</param>
/// <param name="Title">What it shows.</param>
/// <param name="Caption">How to read it.</param>
/// <param name="Height">Pixels on a page; the width is <see cref="PlotSheet.Width"/>.</param>
/// <param name="Plot">Makes it for light or dark pages.</param>
internal sealed record Figure(string Name, string Title, string Caption, int Height, Func<PlotTheme, Plot> Plot)
{
    /// <summary>The picture as PNG, of <see cref="PlotSheet.Scale"/> times the size on a page.</summary>
    public byte[] Draw(PlotTheme theme) => PlotFile.Encode(Plot(theme), PlotSheet.Width * PlotSheet.Scale, Height * PlotSheet.Scale);
}
