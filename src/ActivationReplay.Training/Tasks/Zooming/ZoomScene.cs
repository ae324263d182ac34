using ActivationReplay.Evaluation.Agents;

namespace ActivationReplay.Training.Tasks.Zooming;

/// <summary>A coloured shape that carries a digit.</summary>
/// <param name="Cell">Row · 4 + column.</param>
/// <param name="Colour">Its colour.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Digit">1 to 9.</param>
/// <param name="X">Column of its centre, pixels.</param>
/// <param name="Y">Row of its centre, pixels.</param>
/// <param name="Radius">Half its extent, pixels.</param>
public readonly record struct ZoomObject(
    int Cell, ObjectColour Colour, ObjectShape Shape, int Digit, double X, double Y, double Radius)
{
    /// <summary>What a picture shows of it at the size seen: 1 to 12 by colour and shape; 0 is an empty cell.</summary>
    public int Look => 1 + ((int)Colour * ObjectNames.Shapes.Count) + (int)Shape;

    /// <summary>The smallest box that holds the shape.</summary>
    public PictureBox Bounds => new((int)(X - Radius), (int)(Y - Radius), (int)Math.Ceiling(X + Radius), (int)Math.Ceiling(Y + Radius));

    /// <summary>The box of its digit, whole pixels.</summary>
    public PictureBox Mark
    {
        get
        {
            // A triangle is wider below its centre.
            var (left, top) = ((int)X - (HalftoneDigit.Width / 2), (int)(Y + (Shape == ObjectShape.Triangle ? Radius / 4 : 0)) - (HalftoneDigit.Height / 2));
            return new PictureBox(left, top, left + HalftoneDigit.Width, top + HalftoneDigit.Height);
        }
    }

    /// <summary>The box of its cell: what a careful call asks for.</summary>
    public PictureBox CellBox => ZoomScene.BoxAt(Cell % ZoomScene.Side * ZoomScene.CellSide, Cell / ZoomScene.Side * ZoomScene.CellSide);
}

/// <summary>
/// Shapes on 4×4 cells of a large picture, each with a digit; no two have both colour and shape in common. The seed and the index
/// decide all of it.
/// </summary>
public sealed class ZoomScene
{
    /// <summary>Cells along each side.</summary>
    public const int Side = 4;

    /// <summary>Pixels along a cell of the picture; at the size seen it is one visual token.</summary>
    public const int CellSide = 84;

    /// <summary>Pixels along the picture.</summary>
    public const int Pixels = Side * CellSide;

    /// <summary>Pixels along the picture as the model sees it.</summary>
    public const int SeenPixels = Side * ScenePainter.CellSide;

    /// <summary>Colours times shapes.</summary>
    public const int Looks = 12;

    private ZoomScene(ulong seed, ulong index, IReadOnlyList<ZoomObject> objects) => (Seed, Index, Objects) = (seed, index, objects);

    /// <summary>The seed it was made from.</summary>
    public ulong Seed { get; }

    /// <summary>The index of the scene among those of the seed.</summary>
    public ulong Index { get; }

    /// <summary>The objects in the order of the cells.</summary>
    public IReadOnlyList<ZoomObject> Objects { get; }

    /// <summary>Makes the scene of a seed and index.</summary>
    /// <exception cref="ArgumentException">The settings do not fit one another.</exception>
    public static ZoomScene Create(ZoomSettings settings, ulong seed, ulong index)
    {
        ArgumentNullException.ThrowIfNull(settings);
        settings.Validated();
        var draws = new Draws(seed, DrawPurpose.Scene, index);
        var count = draws.From(settings.LeastObjects, settings.MostObjects);
        var looks = draws.Choose(count, Looks);
        var cells = draws.Choose(count, Side * Side);
        var objects = cells.Select((cell, i) => new ZoomObject(
            cell,
            ObjectNames.Colours[looks[i] / ObjectNames.Shapes.Count],
            ObjectNames.Shapes[looks[i] % ObjectNames.Shapes.Count],
            draws.From(1, 9),
            (cell % Side * CellSide) + (CellSide / 2) + draws.Between(-3, 3),
            (cell / Side * CellSide) + (CellSide / 2) + draws.Between(-3, 3),
            draws.Between(26, 33)));
        return new ZoomScene(seed, index, [.. objects.OrderBy(o => o.Cell)]);
    }

    /// <summary>The scene with another object in the cell of one.</summary>
    internal ZoomScene With(ZoomObject item) => new(Seed, Index, [.. Objects.Select(o => o.Cell == item.Cell ? item : o)]);

    /// <summary>The look of each cell (<see cref="ZoomObject.Look"/>), row by row, [16].</summary>
    public int[] CellLooks()
    {
        var looks = new int[Side * Side];
        foreach (var item in Objects)
        {
            looks[item.Cell] = item.Look;
        }

        return looks;
    }

    /// <summary>The box of a cell's size at a place.</summary>
    internal static PictureBox BoxAt(int left, int top) => new(left, top, left + CellSide, top + CellSide);
}
