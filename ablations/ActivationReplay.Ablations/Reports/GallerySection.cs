using System.Xml.Linq;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Vision;
using static ActivationReplay.Ablations.Reports.Html;

namespace ActivationReplay.Ablations.Reports;

/// <summary>The gallery's markup: what replay fixed and what it broke.</summary>
internal sealed class GallerySection(Gallery gallery, PictureSource pictures)
{
    /// <summary>Questions shown each way.</summary>
    public const int Most = 24;

    private const int MostPictures = 8;

    /// <summary>The section's content.</summary>
    public IEnumerable<XElement> Content()
    {
        foreach (var missing in gallery.Missing)
        {
            yield return Tag("p", "note", missing);
        }

        if (gallery.Cell is not { } cell || !gallery.Comparable)
        {
            yield break;
        }

        var several = cell.Answers > cell.Questions;
        yield return Tag(
            "p",
            null,
            "Questions on which the cell ",
            Tag("code", null, cell.Cell),
            several
                ? " and RLVR alone disagree: one of them is right at least once, the other never."
                : " and RLVR alone disagree: one of them is right, the other wrong.");
        yield return Tag(
            "p",
            "muted",
            cell.Settings.Method is "reverse" or "global-smooth" ? "Maps show the entropy of the target model's" : "Maps show the entropy of the base model's",
            " logit lens at each visual token, the mean over the layers that the cell compares; outlined are the tokens that more than half of these layers selected.");
        yield return Part("Fixed", "RLVR alone is wrong, this cell is right.", gallery.Fixed);
        yield return Part("Broken", "RLVR alone is right, this cell is wrong.", gallery.Broken);
    }

    private XElement Part(string title, string explained, IReadOnlyList<GalleryItem> items) => Tag(
        "section",
        null,
        Tag("h3", null, title, " ", Tag("span", "count", Numbers.Whole(items.Count))),
        Tag("p", "muted", items.Count > Most
            ? $"{explained} The first {Numbers.Whole(Most)} of {Numbers.Whole(items.Count)}, in the order of the data set."
            : items.Count == 0 ? "No such question." : explained),
        Tag("div", "gallery", items.Take(Most).Select(Item)));

    private XElement Item(GalleryItem item)
    {
        var shown = item.Rlvr.Turns.Count + item.Replay.Turns.Count == 0 ? null : pictures.Of(item.First).Pictures;
        return Tag(
            "article",
            shown is null ? null : "wide",
            Pictures(item),
            Tag(
                "div",
                "asked",
                Tag("p", "muted", item.First.Row.Family is { } family ? $"{item.First.Row.Sample} · {family}" : item.First.Row.Sample),
                Tag("p", "question", item.First.Row.Question),
                Tag("p", null, Tag("span", "muted", "reference "), Tag("b", null, item.First.Row.Reference))),
            Tag(
                "dl",
                "answers",
                Answer("base", item.Base, shown),
                Answer("RLVR", item.Rlvr, shown),
                Answer(gallery.Cell!.Settings.Method, item.Replay, shown)));
    }

    private XElement Pictures(GalleryItem item)
    {
        var (shown, missing) = pictures.Of(item.First);
        if (missing is not null)
        {
            return Tag("div", "pictures", Tag("p", "missing", missing));
        }

        var map = item.First.Entropy;
        return Tag(
            "div",
            "pictures",
            shown.Take(MostPictures).Index().SelectMany(p => new[] { Picture(p.Item), Map(p.Item, p.Index, map) }),
            shown.Count > MostPictures ? Tag("p", "missing", $"and {Numbers.Whole(shown.Count - MostPictures)} pictures or frames more") : null,
            map is null ? Tag("p", "missing", "This run kept no entropies for this cell.") : null);
    }

    private static XElement Picture(RgbImage picture) => Tag(
        "figure", null, Image(EntropyPicture.Thumbnail(picture), "the picture"), Tag("figcaption", null, "picture"));

    private static XElement? Map(RgbImage picture, int index, EntropyMap? map)
    {
        if (map is null || index >= map.Grids.Count)
        {
            return null;
        }

        var (grid, start) = (map.Grids[index], map.Grids.Take(index).Sum(g => g.Rows * g.Columns));
        int[] tokens = [.. Enumerable.Range(start, grid.Rows * grid.Columns)];
        float[] nats = [.. tokens.Select(t => (float)map.Nats[t])];

        // Layers select anew: a token counts as selected where most of them took it.
        bool[] selected = [.. tokens.Select(t => 2 * map.Selected[t] > map.Layers)];
        return Tag(
            "figure",
            null,
            Image(EntropyPicture.Map(picture, grid, nats, selected), "entropies over the picture"),
            Tag(
                "figcaption",
                null,
                Tag("span", "scale", Numbers.Short(nats.Min()), Tag("i", null), $"{Numbers.Short(nats.Max())} nats"),
                $"outlined: {Numbers.Whole(selected.Count(s => s))} of {Numbers.Whole(tokens.Length)} tokens"));
    }

    private static XElement Image(byte[] webp, string text) => Tag(
        "img", null, Attribute("src", DataUri("image/webp", webp)), Attribute("alt", text), Attribute("decoding", "async"));

    private static object[] Answer(string name, GalleryAnswer? answer, IReadOnlyList<RgbImage>? pictures) =>
    [
        Tag("dt", null, name),
        answer is null
            ? Tag("dd", "muted", "not in this run")
            : Tag(
                "dd",
                answer.Solved ? "right" : "wrong",
                Tag("span", "mark", answer.Solved ? "✓" : "✗", Tag("span", "hidden", answer.Solved ? " right: " : " wrong: ")),
                Tag("b", null, answer.Shown.Extracted ?? "no answer found"),
                answer.Count > 1 ? Tag("span", "muted", $" {Numbers.Whole(answer.Right)} of {Numbers.Whole(answer.Count)} right") : null,
                answer.Turns.Count == 0
                    ? Tag("details", null, Tag("summary", null, "output"), Tag("pre", null, answer.Shown.Output))
                    : TalkFigure.Of(answer.Turns, pictures is { Count: > 0 } ? pictures[0] : null)),
    ];
}
