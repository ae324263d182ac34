namespace ActivationReplay.Training.Tasks;

/// <summary>The colours of objects.</summary>
public enum ObjectColour
{
    /// <summary>Red.</summary>
    Red,

    /// <summary>Green.</summary>
    Green,

    /// <summary>Blue.</summary>
    Blue,

    /// <summary>Yellow.</summary>
    Yellow,
}

/// <summary>The shapes of objects that are no digits.</summary>
public enum ObjectShape
{
    /// <summary>A circle.</summary>
    Circle,

    /// <summary>A square.</summary>
    Square,

    /// <summary>A triangle.</summary>
    Triangle,
}

/// <summary>The object in a grid cell: a coloured shape, or a coloured digit.</summary>
/// <param name="Cell">Row · columns + column.</param>
/// <param name="Colour">Its colour.</param>
/// <param name="Shape">Its shape; null for a digit.</param>
/// <param name="Digit">1 to 9; 0 for a shape.</param>
public readonly record struct SceneObject(int Cell, ObjectColour Colour, ObjectShape? Shape, int Digit)
{
    /// <summary>Classes of a cell: empty, 12 coloured shapes, 36 coloured digits.</summary>
    public const int Classes = 1 + (4 * 3) + (4 * 9);

    /// <summary>The class of its cell, 1 to 48; 0 is an empty cell.</summary>
    public int Class => Shape is { } shape
        ? 1 + ((int)Colour * 3) + (int)shape
        : 13 + ((int)Colour * 9) + Digit - 1;
}

/// <summary>How questions and answers call things.</summary>
internal static class ObjectNames
{
    public static readonly IReadOnlyList<ObjectColour> Colours = Enum.GetValues<ObjectColour>();
    public static readonly IReadOnlyList<ObjectShape> Shapes = Enum.GetValues<ObjectShape>();

    public static string Name(this ObjectColour colour) => colour switch
    {
        ObjectColour.Red => "red",
        ObjectColour.Green => "green",
        ObjectColour.Blue => "blue",
        _ => "yellow",
    };

    public static string Name(this ObjectShape shape) => shape switch
    {
        ObjectShape.Circle => "circle",
        ObjectShape.Square => "square",
        _ => "triangle",
    };

    public static string Plural(this ObjectShape shape) => shape switch
    {
        ObjectShape.Circle => "circles",
        ObjectShape.Square => "squares",
        _ => "triangles",
    };
}
