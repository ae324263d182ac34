using System.Xml.Linq;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Vision;
using static ActivationReplay.Ablations.Reports.Html;

namespace ActivationReplay.Ablations.Reports;

/// <summary>
/// A conversation's markup: the picture with the boxes of its calls, and the turns, each with what the tool said to it.
/// </summary>
internal static class TalkFigure
{
    /// <summary>The turns of one answer.</summary>
    /// <param name="turns">The turns.</param>
    /// <param name="picture">The question's picture; null where it cannot be shown.</param>
    public static XElement Of(IReadOnlyList<TurnEntry> turns, RgbImage? picture)
    {
        PictureBoxes boxes = new([.. turns.Select(t => t.Box).OfType<IReadOnlyList<int>>().Where(b => picture is not null && IsInside(b, picture))]);
        return Tag(
            "div",
            "talk",
            picture is not null && boxes.Boxes.Count > 0 ? Picture(EntropyPicture.Boxes(picture, boxes), "the picture with the boxes of the calls") : null,
            Tag("ol", null, turns.Select(t => Turn(t, picture, boxes))));
    }

    private static XElement Turn(TurnEntry turn, RgbImage? picture, PictureBoxes boxes) => Tag(
        "li",
        null,
        Tag("pre", null, turn.Text),
        turn.Problem is null ? null : Tag("p", "missing", $"refused ({turn.Refusal}): {turn.Problem}"),
        turn.Box is { } box && picture is not null && IsInside(box, picture)
            ? Picture(
                EntropyPicture.Thumbnail(picture.Part(box[0], box[1], box[2] - box[0], box[3] - box[1])),
                $"box {Numbers.Whole(boxes.NumberOf(box))}, {Numbers.Whole(box[2] - box[0])} × {Numbers.Whole(box[3] - box[1])} pixels")
            : null);

    // Of the picture that the run saw; a journal can be edited.
    private static bool IsInside(IReadOnlyList<int> box, RgbImage picture) =>
        box is [>= 0, >= 0, _, _] && box[2] > box[0] && box[3] > box[1] && box[2] <= picture.Width && box[3] <= picture.Height;

    private static XElement Picture(byte[] webp, string text) => Tag(
        "figure",
        null,
        Tag("img", null, Attribute("src", DataUri("image/webp", webp)), Attribute("alt", text), Attribute("decoding", "async")),
        Tag("figcaption", null, text));
}

/// <summary>Boxes in the pixels of a picture: left, top, right, bottom, in the order of the calls.</summary>
internal sealed record PictureBoxes(IReadOnlyList<IReadOnlyList<int>> Boxes)
{
    /// <summary>The number of a box, from 1.</summary>
    public int NumberOf(IReadOnlyList<int> box) => Boxes.Index().First(b => ReferenceEquals(b.Item, box)).Index + 1;
}
