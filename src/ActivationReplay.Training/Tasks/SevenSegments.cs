using SkiaSharp;

namespace ActivationReplay.Training.Tasks;

/// <summary>Digits as seven-segment displays show them.</summary>
internal static class SevenSegments
{
    // Segments of 0 to 9: top, upper right, lower right, bottom, lower left, upper left, middle, from the lowest bit.
    private static readonly byte[] s_segments = [0x3F, 0x06, 0x5B, 0x4F, 0x66, 0x6D, 0x7D, 0x07, 0x7F, 0x6F];

    /// <summary>Whether a digit shows a segment: 0 top, 1 upper right, 2 lower right, 3 bottom, 4 lower left, 5 upper left, 6 middle.</summary>
    public static bool Has(int digit, int segment) => (s_segments[digit] & (1 << segment)) != 0;

    /// <summary>Draws a digit around (x, y); it is 2 · radius high.</summary>
    public static void Draw(SKCanvas canvas, SKPaint paint, int digit, float x, float y, float radius)
    {
        var (w, h, stroke) = (radius * 0.62f, radius, Math.Max(2.6f, radius * 0.3f));
        Horizontal(0, -h);
        Vertical(1, w, -h);
        Vertical(2, w, 0);
        Horizontal(3, h);
        Vertical(4, -w, 0);
        Vertical(5, -w, -h);
        Horizontal(6, 0);

        void Horizontal(int segment, float at) => Bar(segment, -w, at, w, at);

        void Vertical(int segment, float at, float top) => Bar(segment, at, top, at, top + h);

        void Bar(int segment, float left, float top, float right, float bottom)
        {
            if (Has(digit, segment))
            {
                var half = stroke / 2;
                canvas.DrawRect(
                    x + left - half, y + top - half, right - left + stroke, bottom - top + stroke, paint);
            }
        }
    }
}
