using ActivationReplay.Ablations.Reports;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Reports;

public sealed class PassPlotTests
{
    [Test]
    public void Of_Draws_IsThePairsCurvesAndTheirDifference()
    {
        var figures = PassPlot.Of([(0, Rows(1, 2, 4)), (1, Rows(1, 2, 4))]);

        figures.Select(f => f.Name).Should().Equal("passk", "passk-difference");
        var curves = figures[0].Plot(PlotTheme.Light).GetPlottables<ScottPlot.Plottables.Scatter>().ToList();
        curves.Select(c => c.LegendText).Should().Equal("base, draw 0", "base, draw 1", "RLVR, draw 0", "RLVR, draw 1");
        curves.Select(c => c.Color).Distinct().Should().HaveCount(2, "a colour a model");
        curves.Select(c => c.LinePattern).Should().Equal(curves[0].LinePattern, curves[1].LinePattern, curves[0].LinePattern, curves[1].LinePattern);
        curves[0].LinePattern.Should().NotBe(curves[1].LinePattern);
    }

    [Test]
    public void Of_OneAnswerAQuestion_IsNothing() => PassPlot.Of([(0, Rows(1))]).Should().BeEmpty();

    private static List<PassRow> Rows(params int[] ks) =>
        [.. ks.Select(k => new PassRow("all", FormattableString.Invariant($"pass@{k}"), 9, 0.5, 0.4, 0.6, 0.6, 0.5, 0.7, 0.1, 0, 0.2))];
}
