namespace ActivationReplay.Training.Tasks.Clips;

/// <summary>The kinds of questions about clips, one of each of Video-R1's types. Their names, in lower case, are those of the data set's column <c>family</c>.</summary>
public enum ClipFamily
{
    /// <summary>Which way a shape moves; multiple choice.</summary>
    Direction,

    /// <summary>How many times a shape appears; numerical.</summary>
    Times,

    /// <summary>Which digits appear, in their order; OCR.</summary>
    Digits,

    /// <summary>How far a shape moves; regression.</summary>
    Distance,

    /// <summary>What happens; free-form.</summary>
    Story,
}

/// <summary>What an object does within a temporal step, from its first frame to its second.</summary>
public enum ClipEvent
{
    /// <summary>It is not there.</summary>
    Hidden,

    /// <summary>It is there and rests.</summary>
    Stays,

    /// <summary>It moves to the left.</summary>
    Left,

    /// <summary>It moves to the right.</summary>
    Right,

    /// <summary>It moves up.</summary>
    Up,

    /// <summary>It moves down.</summary>
    Down,

    /// <summary>It is there in the second frame only.</summary>
    Appears,

    /// <summary>It is there in the first frame only.</summary>
    Vanishes,
}

/// <summary>How questions and answers call what happens.</summary>
internal static class ClipEvents
{
    /// <summary>The ways of moving.</summary>
    public static readonly IReadOnlyList<ClipEvent> Ways = [ClipEvent.Left, ClipEvent.Right, ClipEvent.Up, ClipEvent.Down];

    /// <summary>The number of events.</summary>
    public static readonly int Count = Enum.GetValues<ClipEvent>().Length;

    /// <summary>A word.</summary>
    public static string Name(this ClipEvent happening) => happening switch
    {
        ClipEvent.Hidden => "hidden",
        ClipEvent.Stays => "stays",
        ClipEvent.Left => "left",
        ClipEvent.Right => "right",
        ClipEvent.Up => "up",
        ClipEvent.Down => "down",
        ClipEvent.Appears => "appears",
        _ => "vanishes",
    };

    /// <summary>What a sentence says: <c>moves left</c>, <c>stays</c>.</summary>
    public static string Verb(this ClipEvent happening) => Ways.Contains(happening) ? $"moves {happening.Name()}" : happening.Name();

    /// <summary>The direction of a way, columns and rows.</summary>
    public static (int X, int Y) Direction(this ClipEvent happening) => happening switch
    {
        ClipEvent.Left => (-1, 0),
        ClipEvent.Right => (1, 0),
        ClipEvent.Up => (0, -1),
        ClipEvent.Down => (0, 1),
        _ => (0, 0),
    };
}
