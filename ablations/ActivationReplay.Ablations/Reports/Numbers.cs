using System.Globalization;

namespace ActivationReplay.Ablations.Reports;

/// <summary>Numbers for people: a few digits, a true minus, the same in every culture.</summary>
internal static class Numbers
{
    /// <summary>A fraction as <c>41.2%</c>.</summary>
    public static string Percent(double? fraction) => fraction is { } s && double.IsFinite(s) ? $"{Fixed(100 * s)}%" : "–";

    /// <summary>A difference of fractions as signed percentage points, <c>+2.0</c>.</summary>
    public static string Points(double? difference) => Text(100 * difference, "+0.0;-0.0;0.0");

    /// <summary>One decimal.</summary>
    public static string Fixed(double? value) => Text(value, "0.0");

    /// <summary>About three digits, whatever the size.</summary>
    public static string Short(double? value) => Text(value, Math.Abs(value ?? 0) switch
    {
        >= 100 => "0",
        >= 10 => "0.0",
        >= 1 => "0.00",
        >= 0.01 or 0 => "0.000",
        _ => "0.0e-0",
    });

    /// <summary>A p value; in a sentence, <c>p = 0.012</c> or <c>p &lt; 0.001</c>.</summary>
    public static string P(double? p, bool sentence = false) =>
        p < 0.001 ? $"{(sentence ? "p " : "")}< 0.001" : $"{(sentence ? "p = " : "")}{Text(p, "0.000")}";

    /// <summary>A whole number.</summary>
    public static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Text(double? value, string format) => value is { } v && double.IsFinite(v)
        ? v.ToString(format, CultureInfo.InvariantCulture).Replace('-', '−')
        : "–";
}
