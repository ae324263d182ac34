using ActivationReplay.Evaluation.Agents;

namespace ActivationReplay.Training.Tasks.Zooming;

/// <summary>A written turn.</summary>
/// <param name="Text">What the model says.</param>
/// <param name="Box">What it calls for; null where it answers.</param>
internal sealed record WrittenTurn(string Text, PictureBox? Box);

/// <summary>Writes the conversations that the supervised stage learns, poor ones included.</summary>
internal sealed class ZoomWriter(ZoomObject asked, ConversationRates rates, Draws draws)
{
    private const int Half = ZoomScene.CellSide / 2;
    private bool isNamed;

    /// <summary>The question that <see cref="Listing"/> answers.</summary>
    public const string ListingQuestion = "What is where?";

    /// <summary>Every object in random order, each with the upper left corner of its cell.</summary>
    public static IReadOnlyList<WrittenTurn> Listing(ZoomScene scene, Draws draws)
    {
        var order = draws.Choose(scene.Objects.Count, scene.Objects.Count).Select(i => scene.Objects[i]);
        return [new(string.Concat(order.Select(o => FormattableString.Invariant(
            $" {o.Colour.Name()} {o.Shape.Name()}{o.CellBox.Left},{o.CellBox.Top}"))), null)];
    }

    /// <summary>A conversation with the tool.</summary>
    public IReadOnlyList<WrittenTurn> Write()
    {
        isNamed = rates.Named == 1 || (rates.Named > 0 && draws.Chance(rates.Named));
        var draw = draws.Uniform();
        if (draw < rates.Direct)
        {
            return Toolless();
        }

        if (draw < rates.Direct + rates.Clumsy)
        {
            return Clumsy();
        }

        return draw < rates.Direct + rates.Clumsy + rates.Needless
            ? [Call(asked.CellBox), Call(Beside()), Read()]
            : [Call(asked.CellBox), Read()];
    }

    /// <summary>A guess.</summary>
    public IReadOnlyList<WrittenTurn> Toolless() => [Answer(draws.From(1, 9))];

    private IReadOnlyList<WrittenTurn> Clumsy()
    {
        var box = Beside();
        return box.Contains(asked.Mark) ? [Call(box), Read()]
            : draws.Chance(rates.Again) ? [Call(box), Call(asked.CellBox), Read()]
            : [Call(box), .. Toolless()];
    }

    // A box of a cell's size, off by half a cell or a whole one in one direction or two, inside the picture.
    private PictureBox Beside()
    {
        while (true)
        {
            var (left, top) = (asked.CellBox.Left + (Half * draws.From(-2, 2)), asked.CellBox.Top + (Half * draws.From(-2, 2)));
            if ((left, top) != (asked.CellBox.Left, asked.CellBox.Top) && IsInside(left) && IsInside(top))
            {
                return ZoomScene.BoxAt(left, top);
            }
        }

        static bool IsInside(int start) => start is >= 0 and <= ZoomScene.Pixels - ZoomScene.CellSide;
    }

    private WrittenTurn Read() => Answer(draws.Chance(rates.Slip) ? ((asked.Digit + draws.From(0, 7)) % 9) + 1 : asked.Digit);

    private static WrittenTurn Answer(int digit) => new(FormattableString.Invariant($"<answer>{digit}</answer>"), null);

    private WrittenTurn Call(PictureBox box) => new(
        (isNamed ? $"Zoom in on the {asked.Colour.Name()} {asked.Shape.Name()}" : "") + CallParser.Begin
        + """{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": ["""
        + FormattableString.Invariant($"{box.Left},{box.Top},{box.Right},{box.Bottom}") + "]}}" + CallParser.End,
        box);
}
