using ActivationReplay.Evaluation.Agents;

namespace ActivationReplay.Training.Tasks.Zooming;

/// <summary>
/// Seven-segment digits in halftone: in their strokes light and dark pixels alternate about the ground's grey. At full size the
/// digit can be read. Shrunk to a third, pixels average to the ground and nothing of it is left.
/// </summary>
internal static class HalftoneDigit
{
    /// <summary>Pixels across a digit.</summary>
    public const int Width = 10;

    /// <summary>Pixels down a digit.</summary>
    public const int Height = 17;

    /// <summary>The grey that strokes alternate about.</summary>
    public const byte Ground = 128;

    private const int Contrast = 85;

    // Left, top, right, bottom of each segment, in the order of SevenSegments.
    private static readonly PictureBox[] s_boxes =
    [
        new(0, 0, 10, 3), new(7, 0, 10, 10), new(7, 7, 10, 17), new(0, 14, 10, 17), new(0, 7, 3, 17), new(0, 0, 3, 10), new(0, 7, 10, 10),
    ];

    /// <summary>Draws a digit into <paramref name="rgba"/>, rows of <paramref name="side"/> pixels of 4 bytes.</summary>
    public static void Draw(Span<byte> rgba, int side, int digit, int left, int top)
    {
        for (var y = 0; y < Height; y++)
        {
            for (var x = 0; x < Width; x++)
            {
                if (IsStroke(digit, x, y))
                {
                    var level = (byte)(Ground + ((left + x + top + y) % 2 == 0 ? Contrast : -Contrast));
                    rgba.Slice((((top + y) * side) + left + x) * 4, 3).Fill(level);
                }
            }
        }
    }

    private static bool IsStroke(int digit, int x, int y) => s_boxes.Index().Any(segment =>
        SevenSegments.Has(digit, segment.Index) && segment.Item.Contains(new PictureBox(x, y, x + 1, y + 1)));
}
