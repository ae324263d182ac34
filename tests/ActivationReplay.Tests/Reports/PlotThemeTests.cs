using ActivationReplay.Ablations.Reports;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Reports;

public sealed class PlotThemeTests
{
    [Test]
    public void Lines_OfSeveralCellsOfAMethod_HaveNoOtherMethodsColour()
    {
        (string Cell, string Method)[] cells = [("base", "base"), ("none", "none"), .. Several("replay", 4), ("cross-model", "cross-model")];

        var lines = PlotTheme.Light.Lines(cells);

        lines.Values.Should().OnlyHaveUniqueItems();
        foreach (var first in new[] { "base", "none", "replay 0", "cross-model" })
        {
            lines[first].Colour.Should().Be(PlotTheme.Light.Method(first.Split(' ')[0]), first);
        }
    }

    [Test]
    public void Lines_OfMoreCellsThanColours_DifferInPattern() =>
        PlotTheme.Dark.Lines(Several("replay", 16)).Values.Should().OnlyHaveUniqueItems();

    private static IEnumerable<(string Cell, string Method)> Several(string method, int count) =>
        Enumerable.Range(0, count).Select(i => ($"{method} {i}", method));
}
