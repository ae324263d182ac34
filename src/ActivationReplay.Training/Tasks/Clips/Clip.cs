namespace ActivationReplay.Training.Tasks.Clips;

/// <summary>What a frame shows: one object, or nothing.</summary>
/// <param name="IsVisible">Whether the object is there.</param>
/// <param name="X">Column of its centre, pixels.</param>
/// <param name="Y">Row of its centre, pixels.</param>
/// <param name="Digit">1 to 9 where it is a digit; 0 where it is the clip's shape.</param>
public readonly record struct ClipFrame(bool IsVisible, double X, double Y, int Digit);

/// <summary>
/// Eight frames with one object that moves, appears, vanishes or, as a digit, gives way to another; two frames are a temporal step of
/// the model. The family, the seed and the index decide all of it.
/// </summary>
public sealed class Clip
{
    /// <summary>Frames of a clip.</summary>
    public const int FrameCount = 8;

    /// <summary>Temporal steps of the model.</summary>
    public const int Steps = FrameCount / 2;

    /// <summary>Frames a second.</summary>
    public const double FramesPerSecond = 4;

    /// <summary>Visual tokens along a frame.</summary>
    public const int Side = 3;

    /// <summary>Pixels along a frame.</summary>
    public const int Pixels = Side * ScenePainter.CellSide;

    private const double Margin = 13; // from a centre to the border
    private const int StorySpeed = 4;

    private Clip(ulong seed, ulong index, ClipFamily family, ObjectColour colour, ObjectShape shape, int speed, double radius, ClipFrame[] frames) =>
        (Seed, Index, Family, Colour, Shape, Speed, Radius, Frames) = (seed, index, family, colour, shape, speed, radius, frames);

    /// <summary>The speeds of clips about movement, pixels a frame; far apart, so that no guess is near all of them.</summary>
    public static IReadOnlyList<int> Speeds { get; } = [1, 2, 4, 8];

    /// <summary>The seed it was made from.</summary>
    public ulong Seed { get; }

    /// <summary>The index of the clip among those of the seed.</summary>
    public ulong Index { get; }

    /// <summary>What can be asked about it.</summary>
    public ClipFamily Family { get; }

    /// <summary>The colour of the object.</summary>
    public ObjectColour Colour { get; }

    /// <summary>Its shape, where it is no digit.</summary>
    public ObjectShape Shape { get; }

    /// <summary>How fast it moves where it moves, pixels a frame.</summary>
    public int Speed { get; }

    /// <summary>Half its extent, pixels.</summary>
    public double Radius { get; }

    /// <summary>The frames.</summary>
    public IReadOnlyList<ClipFrame> Frames { get; }

    /// <summary>Makes the clip of a seed and index.</summary>
    public static Clip Create(ClipFamily family, ulong seed, ulong index)
    {
        var draws = new Draws(seed, DrawPurpose.Scene, index);
        var (colour, shape, radius) = (draws.Pick(ObjectNames.Colours), draws.Pick(ObjectNames.Shapes), draws.Between(8.5, 11));
        var isMoving = family is ClipFamily.Direction or ClipFamily.Distance;
        var speed = isMoving ? draws.Pick(Speeds) : StorySpeed;
        var frames = family switch
        {
            ClipFamily.Times => Blinks(draws),
            ClipFamily.Digits => Digits(draws),
            ClipFamily.Story => Acts(draws),
            _ => Path(draws, speed, [.. Enumerable.Repeat(draws.Pick(ClipEvents.Ways), FrameCount - 1)]),
        };
        return new Clip(seed, index, family, colour, shape, speed, radius, frames);
    }

    /// <summary>What happens in a temporal step.</summary>
    public ClipEvent EventAt(int step)
    {
        var (first, second) = (Frames[2 * step], Frames[(2 * step) + 1]);
        return (first.IsVisible, second.IsVisible) switch
        {
            (false, false) => ClipEvent.Hidden,
            (false, true) => ClipEvent.Appears,
            (true, false) => ClipEvent.Vanishes,
            _ => ClipEvents.Ways.FirstOrDefault(
                way => way.Direction() == (Math.Sign(second.X - first.X), Math.Sign(second.Y - first.Y)), ClipEvent.Stays),
        };
    }

    /// <summary>The digit of a step; 0 where there is none.</summary>
    public int DigitAt(int step) => Frames[2 * step].IsVisible ? Frames[2 * step].Digit : 0;

    /// <summary>The middle of the object over the frames of a step that show it; null where none does.</summary>
    public (double X, double Y)? MiddleAt(int step)
    {
        ClipFrame[] shown = [.. Frames.Skip(2 * step).Take(2).Where(f => f.IsVisible)];
        return shown.Length == 0 ? null : (shown.Average(f => f.X), shown.Average(f => f.Y));
    }

    // Appears in the second frame of one to four steps, for one frame or two, so that the number of frames that show it does not tell; where
    // one appearance meets the next they are one.
    private static ClipFrame[] Blinks(Draws draws)
    {
        var (x, y) = (Inside(draws, 0), Inside(draws, 0));
        var steps = draws.Choose(draws.From(1, Steps), Steps);
        var visible = new bool[FrameCount];
        foreach (var step in steps)
        {
            var first = (2 * step) + 1;
            visible[first] = true;
            if (first + 1 < FrameCount)
            {
                visible[first + 1] = draws.Chance(0.5);
            }
        }

        return [.. visible.Select(shown => new ClipFrame(shown, x, y, 0))];
    }

    // Two to four digits, a step each, in cells of their own.
    private static ClipFrame[] Digits(Draws draws)
    {
        int[] steps = draws.Choose(draws.From(2, Steps), Steps);
        var frames = new ClipFrame[FrameCount];
        for (var step = 0; step < Steps; step++)
        {
            var (column, row, digit) = (draws.Below(Side), draws.Below(Side), draws.From(1, 9));
            var frame = new ClipFrame(steps.Contains(step), Centre(column), Centre(row), digit);
            (frames[2 * step], frames[(2 * step) + 1]) = (frame, frame);
        }

        return frames;

        double Centre(int cell) => (cell * ScenePainter.CellSide) + (ScenePainter.CellSide / 2) + draws.Between(-3, 3);
    }

    // Two acts of two steps each, which differ.
    private static ClipFrame[] Acts(Draws draws)
    {
        ClipEvent[] begin = [.. ClipEvents.Ways, ClipEvent.Stays, ClipEvent.Appears];
        var first = draws.Pick(begin);
        ClipEvent[] end = [.. ClipEvents.Ways, ClipEvent.Stays, ClipEvent.Vanishes];
        var second = draws.Pick([.. end.Where(e => e != first)]);
        var frames = Path(draws, StorySpeed, [.. Enumerable.Repeat(first, Steps - 1), .. Enumerable.Repeat(second, Steps)]);
        return
        [
            .. frames.Select((frame, f) => frame with
            {
                IsVisible = !(first == ClipEvent.Appears && f == 0) && !(second == ClipEvent.Vanishes && f > Steps),
            }),
        ];
    }

    // Positions that follow one another by the moves between frames, all inside.
    private static ClipFrame[] Path(Draws draws, int speed, ClipEvent[] moves)
    {
        var places = new (int X, int Y)[FrameCount];
        foreach (var (f, move) in moves.Index())
        {
            var (x, y) = move.Direction();
            places[f + 1] = (places[f].X + (x * speed), places[f].Y + (y * speed));
        }

        var (left, top) = (places.Min(p => p.X), places.Min(p => p.Y));
        var (startX, startY) = (Inside(draws, places.Max(p => p.X) - left), Inside(draws, places.Max(p => p.Y) - top));
        return [.. places.Select(p => new ClipFrame(true, startX + p.X - left, startY + p.Y - top, 0))];
    }

    private static double Inside(Draws draws, int extent) => draws.Between(Margin, Pixels - Margin - extent);
}
