using ActivationReplay.Vision;
using SkiaSharp;

namespace ActivationReplay.Training.Tasks;

/// <summary>
/// Draws scenes: 28 pixels a cell, jittered positions, sizes and colours, then noise. Antialiasing may differ by a few
/// levels between platforms; scenes, questions and answers do not.
/// </summary>
internal static class ScenePainter
{
    /// <summary>Pixels along a cell: one visual token.</summary>
    public const int CellSide = 28;

    private static readonly SKColor s_background = new(236, 236, 230);

    /// <summary>The picture, [Side · 28, Side · 28].</summary>
    public static RgbImage Paint(Scene scene)
    {
        var side = scene.Side * CellSide;
        var draws = new Draws(scene.Seed, DrawPurpose.Painting, scene.Index);
        using var bitmap = new SKBitmap(new SKImageInfo(side, side, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using (var canvas = new SKCanvas(bitmap))
        using (var paint = new SKPaint { IsAntialias = true })
        {
            canvas.Clear(s_background);
            foreach (var item in scene.Objects)
            {
                var x = (item.Cell % scene.Side * CellSide) + (CellSide / 2) + (float)draws.Between(-2.5, 2.5);
                var y = (item.Cell / scene.Side * CellSide) + (CellSide / 2) + (float)draws.Between(-2.5, 2.5);
                var radius = (float)draws.Between(7.5, 11);
                paint.Color = Jitter(item.Colour, draws);
                Draw(canvas, paint, item, x, y, radius);
            }
        }

        return new RgbImage(side, side, WithNoise(bitmap.GetPixelSpan(), draws));
    }

    /// <summary>An object around (x, y).</summary>
    public static void Draw(SKCanvas canvas, SKPaint paint, SceneObject item, float x, float y, float radius)
    {
        switch (item.Shape)
        {
            case ObjectShape.Circle:
                canvas.DrawCircle(x, y, radius, paint);
                break;
            case ObjectShape.Square:
                var half = radius * 0.88f;
                canvas.DrawRect(x - half, y - half, 2 * half, 2 * half, paint);
                break;
            case ObjectShape.Triangle:
                using (var path = new SKPath())
                {
                    path.MoveTo(x, y - radius);
                    path.LineTo(x + radius, y + (radius * 0.8f));
                    path.LineTo(x - radius, y + (radius * 0.8f));
                    path.Close();
                    canvas.DrawPath(path, paint);
                }

                break;
            default:
                SevenSegments.Draw(canvas, paint, item.Digit, x, y, radius);
                break;
        }
    }

    /// <summary>A colour as pictures show it, each channel off by at most 25 levels.</summary>
    public static SKColor Jitter(ObjectColour colour, Draws draws)
    {
        var (r, g, b) = colour switch
        {
            ObjectColour.Red => (210, 45, 45),
            ObjectColour.Green => (40, 150, 60),
            ObjectColour.Blue => (50, 80, 200),
            _ => (220, 190, 45),
        };
        return new SKColor(Shift(r), Shift(g), Shift(b));

        byte Shift(int value) => (byte)Math.Clamp(value + draws.From(-25, 25), 0, 255);
    }

    /// <summary>Uniform noise of 4 to 12 levels to both sides; one draw serves the three channels of a pixel.</summary>
    public static byte[] WithNoise(ReadOnlySpan<byte> rgba, Draws draws)
    {
        var levels = draws.From(4, 12);
        var range = (2 * levels) + 1;
        var pixels = new byte[rgba.Length / 4 * RgbImage.Channels];
        for (int from = 0, to = 0; from < rgba.Length; from += 4)
        {
            var noise = (int)(draws.Uniform() * range * range * range);
            for (var channel = 0; channel < RgbImage.Channels; channel++, noise /= range)
            {
                pixels[to++] = (byte)Math.Clamp(rgba[from + channel] + (noise % range) - levels, 0, 255);
            }
        }

        return pixels;
    }
}
