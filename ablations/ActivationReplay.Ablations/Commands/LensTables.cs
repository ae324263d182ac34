using System.Globalization;
using ActivationReplay.Ablations.LensReports;
using ActivationReplay.Evaluation.Shifts;
using Spectre.Console;

namespace ActivationReplay.Ablations.Commands;

/// <summary>The tables that <c>lens</c> prints.</summary>
internal static class LensTables
{
    private const int MostRows = 12;

    /// <summary>Prints the test of low against high entropy, one line for each layer.</summary>
    public static void Print(IReadOnlyList<LowHighTest> tests)
    {
        var table = new Table().Title("KL(base ‖ rlvr) of the low and the high half of base entropies, nats");
        table.AddColumns("layer", "low half", "high half", "difference [[95%]]", "p (Holm)", "rank correlation [[95%]]");
        foreach (var test in tests)
        {
            var single = test.Samples < 2;
            table.AddRow(
                test.Layer?.ToString(CultureInfo.InvariantCulture) ?? "all",
                test.Low.Mean.ToString("0.0000", CultureInfo.InvariantCulture),
                test.High.Mean.ToString("0.0000", CultureInfo.InvariantCulture),
                single ? Signed(test.Difference.Mean) : Markup.Escape(LensVerdict.Text(test.Difference, "+0.0000;-0.0000;0.0000")),
                single ? "" : LensVerdict.P(test.Layer is null ? test.P : test.PHolm),
                single ? Signed(test.RankCorrelation.Mean) : Markup.Escape(LensVerdict.Text(test.RankCorrelation, "+0.00;-0.00;0.00")));
        }

        CommandLine.Output.Write(table);

        static string Signed(double value) => value.ToString("+0.0000;-0.0000;0.0000", CultureInfo.InvariantCulture);
    }

    /// <summary>Prints the positions of one sample at which the most likely tokens differ, the largest KL first.</summary>
    public static void Print(string sample, IReadOnlyList<ChangedTokensRow> tokens)
    {
        var table = new Table().Title(Markup.Escape(string.Create(
            CultureInfo.InvariantCulture, $"{sample}: the most likely tokens differ at {tokens.Count} layers and positions; largest KL first")));
        table.AddColumns("layer", "row, column", "entropy", "KL", "base", "rlvr");
        foreach (var row in tokens.Take(MostRows))
        {
            table.AddRow(
                row.Layer.ToString(CultureInfo.InvariantCulture),
                row.Row is null ? Text($"position {row.Position}") : Text($"{row.Row}, {row.Column}"),
                Text($"{row.Entropy:0.00}"),
                Text($"{row.Kl:0.000}"),
                Markup.Escape(row.BaseTokens),
                Markup.Escape(row.RlvrTokens));
        }

        CommandLine.Output.Write(table);

        static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
    }
}
