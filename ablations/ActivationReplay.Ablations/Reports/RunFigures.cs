namespace ActivationReplay.Ablations.Reports;

/// <summary>The plots of a run.</summary>
internal static class RunFigures
{
    /// <summary>The plots that the run has data for.</summary>
    public static IReadOnlyList<Figure> Of(RunReport report) =>
    [
        .. new[]
        {
            IntervalPlot.Accuracy(report), IntervalPlot.Difference(report), PassPlot.Of(report), LossPlot.Of(report),
            TimePlot.Of(report), CostPlot.Of(report),
        }.OfType<Figure>(),
        .. DosePlot.Of(report),
    ];
}
