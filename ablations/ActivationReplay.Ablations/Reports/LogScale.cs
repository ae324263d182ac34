using System.Globalization;
using ScottPlot.TickGenerators;

namespace ActivationReplay.Ablations.Reports;

/// <summary>A logarithmic axis: data are drawn at their log10, ticks say the values.</summary>
internal static class LogScale
{
    // Below this ratio of the largest to the smallest value a linear axis shows more.
    private const double Least = 8;

    /// <summary>Whether values are better read on a logarithmic axis.</summary>
    public static bool Helps(IReadOnlyCollection<double> values) =>
        values.Count > 0 && values.Min() > 0 && values.Max() / values.Min() >= Least;

    /// <summary>Ticks at 1, 2 and 5 of each decade; over three decades at 1 alone.</summary>
    /// <param name="low">log10 of the lower end.</param>
    /// <param name="high">log10 of the upper end.</param>
    /// <param name="format">How a value is written; null is plain.</param>
    public static NumericManual Ticks(double low, double high, Func<double, string>? format = null)
    {
        int[] leading = high - low > 3 ? [1] : [1, 2, 5];
        format ??= value => value.ToString("0.########", CultureInfo.InvariantCulture);
        var ticks = new NumericManual();
        for (var decade = (int)Math.Floor(low); decade <= high; decade++)
        {
            foreach (var tick in leading.Select(d => decade + Math.Log10(d)).Where(p => p >= low && p <= high))
            {
                ticks.AddMajor(tick, format(Math.Pow(10, tick)));
            }
        }

        return ticks;
    }
}
