namespace ActivationReplay.Training.Tasks;

/// <summary>Objects on a square grid; what questions are about. The seed and the index decide all of it.</summary>
public sealed class Scene
{
    private Scene(ulong seed, ulong index, int side, IReadOnlyList<SceneObject> objects) =>
        (Seed, Index, Side, Objects) = (seed, index, side, objects);

    /// <summary>The seed it was made from.</summary>
    public ulong Seed { get; }

    /// <summary>The index of the scene among those of the seed.</summary>
    public ulong Index { get; }

    /// <summary>Cells along each side.</summary>
    public int Side { get; }

    /// <summary>The objects, at most one a cell, in the order of the cells.</summary>
    public IReadOnlyList<SceneObject> Objects { get; }

    /// <summary>Makes the scene of a seed and index.</summary>
    /// <exception cref="ArgumentException">The settings do not fit one another.</exception>
    public static Scene Create(SceneSettings settings, ulong seed, ulong index)
    {
        ArgumentNullException.ThrowIfNull(settings);
        settings.Validated();
        var draws = new Draws(seed, DrawPurpose.Scene, index);
        var count = draws.From(settings.LeastObjects, settings.MostObjects);
        var digits = draws.Choose(draws.From(settings.LeastDigits, Math.Min(settings.MostDigits, count)), 9);
        var cells = draws.Choose(count, settings.Side * settings.Side);
        // Digits take two colours, so that the sum of one colour often has several parts.
        var (first, second) = (draws.Pick(ObjectNames.Colours), draws.Pick(ObjectNames.Colours));
        var objects = cells.Select((cell, i) => i < digits.Length
            ? new SceneObject(cell, draws.Chance(0.5) ? first : second, null, digits[i] + 1)
            : new SceneObject(cell, draws.Pick(ObjectNames.Colours), draws.Pick(ObjectNames.Shapes), 0));
        return new Scene(seed, index, settings.Side, [.. objects.OrderBy(o => o.Cell)]);
    }

    /// <summary>The class of each cell (<see cref="SceneObject.Class"/>), row by row, [Side · Side].</summary>
    public int[] CellClasses()
    {
        var classes = new int[Side * Side];
        foreach (var item in Objects)
        {
            classes[item.Cell] = item.Class;
        }

        return classes;
    }

    /// <summary>How many shapes there are of a shape and a colour; null is any.</summary>
    public int Count(ObjectShape? shape, ObjectColour? colour) => Objects.Count(o =>
        o.Shape is not null && (shape is null || o.Shape == shape) && (colour is null || o.Colour == colour));

    /// <summary>The digits of a colour, ascending; null is any.</summary>
    public IReadOnlyList<int> Digits(ObjectColour? colour) =>
        [.. Objects.Where(o => o.Shape is null && (colour is null || o.Colour == colour)).Select(o => o.Digit).Order()];
}
