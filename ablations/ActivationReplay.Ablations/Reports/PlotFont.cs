using SkiaSharp;

namespace ActivationReplay.Ablations.Reports;

/// <summary>The font of plots, one of the system's. If there is none, plots are drawn without text.</summary>
internal static class PlotFont
{
    private static readonly string[] Preferred =
        ["DejaVu Sans", "Liberation Sans", "Noto Sans", "Arial", "Helvetica", "Segoe UI"];

    /// <summary>The family; null where the system has no font.</summary>
    public static string? Family { get; } = Choose([.. SKFontManager.Default.FontFamilies]);

    /// <summary>A note for the user if there is no font; else null.</summary>
    public static string? Note => Family is null
        ? "this system has no font, so the pictures carry no words (the CSV files have all numbers); install one, "
            + "for example the package fonts-dejavu-core, under /usr/share/fonts"
        : null;

    /// <summary>A font of some size in pixels.</summary>
    public static SKFont Of(float size, bool bold = false) => new(
        Family is null
            ? SKTypeface.Default
            : SKTypeface.FromFamilyName(Family, bold ? SKFontStyle.Bold : SKFontStyle.Normal),
        size);

    // Without fonts Skia lists one family that has no name.
    internal static string? Choose(string[] families) =>
        Array.Find(Preferred, families.Contains) ?? Array.Find(families, f => f.Length > 0);
}
