using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using ActivationReplay.Ablations.Storage;
using static ActivationReplay.Ablations.Reports.Html;

namespace ActivationReplay.Ablations.Reports;

/// <summary>report.html: one file that needs no other and asks no network for anything.</summary>
internal static class ReportPage
{
    private const int MostErrors = 50;

    /// <summary>The page.</summary>
    /// <param name="manifest">What was run.</param>
    /// <param name="report">Its tables.</param>
    /// <param name="entries">Its journal.</param>
    /// <param name="figures">Its plots as PNG for light and dark pages.</param>
    public static string Of(
        RunManifest manifest,
        RunReport report,
        IEnumerable<JournalEntry> entries,
        IReadOnlyList<(Figure Figure, byte[] Light, byte[] Dark)> figures)
    {
        var (css, script) = (Resource("report.css"), Resource("report.js"));
        var gallery = new GallerySection(Gallery.Of(report, entries), new PictureSource(manifest));
        var body = Tag(
            "body",
            null,
            Tag(
                "main",
                null,
                RunHeader.Of(manifest, report),
                Section("Cells", CellTable.Of(report), Tag("p", "muted", "Intervals are 95%, bootstrapped over questions; a heading sorts by its column.")),
                Section("Plots", figures.Count > 0
                    ? [.. figures.Select(f => Plot(f.Figure, f.Light, f.Dark))]
                    : [Tag("p", "note", "No cell has an answer without an error, so there is nothing to draw.")]),
                Section("What replay changed", [.. gallery.Content()]),
                Errors(report),
                Section("Settings", [.. CellDetails.Of(report)]),
                Tag("footer", "muted", "Made from journal.jsonl; cells.csv, passk.csv, samples.csv and losses.csv beside this page have every number.")));

        // Nothing but what stands here may load or run, even if something slipped through the escaping.
        var policy = $"default-src 'none'; img-src data:; style-src '{Hash(css)}'; script-src '{Hash(script)}'; base-uri 'none'; form-action 'none'";
        return $"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            {Write(Tag("meta", null, Attribute("http-equiv", "Content-Security-Policy"), Attribute("content", policy)))}
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            {Write(Tag("title", null, $"{manifest.Config.Name} · Activation Replay"))}
            <style>{css}</style>
            </head>
            {Write(body)}
            <script>{script}</script>
            </html>

            """;
    }

    private static XElement Section(string title, params XElement?[] content) => Tag("section", null, Tag("h2", null, title), content);

    private static XElement Plot(Figure figure, byte[] light, byte[] dark) => Tag(
        "figure",
        "plot",
        Tag(
            "div",
            "scroll",
            Attribute("tabindex", 0),
            Attribute("role", "region"),
            Attribute("aria-label", figure.Title),
            Tag(
                "picture",
                null,
                Tag("source", null, Attribute("media", "(prefers-color-scheme: dark)"), Attribute("srcset", DataUri("image/png", dark))),
                Tag(
                    "img",
                    null,
                    Attribute("src", DataUri("image/png", light)),
                    Attribute("width", PlotSheet.Width),
                    Attribute("height", figure.Height),
                    Attribute("alt", $"{figure.Title}. {figure.Caption}")))),
        Tag("figcaption", null, figure.Caption));

    private static XElement? Errors(RunReport report)
    {
        SampleRow[] failed = [.. report.Samples.Where(s => s.Error is not null)];
        return failed.Length == 0 ? null : Section(
            "Rows that failed",
            Tag("p", "muted", failed.Length > MostErrors
                ? $"The first {Numbers.Whole(MostErrors)} of {Numbers.Whole(failed.Length)}; samples.csv has all."
                : "They count in no accuracy. The same command tries them again."),
            Tag("div", "scroll", Attribute("tabindex", 0), Tag(
                "table",
                null,
                Tag("thead", null, Tag("tr", null, new[] { "question", "cell", "error" }.Select(h => Tag("th", null, Attribute("scope", "col"), h)))),
                Tag("tbody", null, failed.Take(MostErrors).Select(s =>
                    Tag("tr", null, Tag("td", null, s.Sample), Tag("td", null, s.Cell), Tag("td", "error", s.Error)))))));
    }

    private static string Resource(string name)
    {
        using var stream = typeof(ReportPage).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);

        // Browsers hash a file's lines with \n, however it was checked out.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    private static string Hash(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";
}
