using ActivationReplay.Vision;
using SkiaSharp;

namespace ActivationReplay.Training.Tasks.Zooming;

/// <summary>
/// Draws scenes of the zooming task: a ground whose shade tells where one is, coloured shapes, on each a grey label with its digit
/// in halftone, then noise.
/// </summary>
internal static class ZoomPainter
{
    // Of the label around the digit, pixels.
    private const int Margin = 4;

    // How far red falls from left to right and blue from top to bottom, levels.
    private const int Fall = 66;

    /// <summary>The picture, [336, 336].</summary>
    public static RgbImage Paint(ZoomScene scene)
    {
        const int side = ZoomScene.Pixels;
        var draws = new Draws(scene.Seed, DrawPurpose.Painting, scene.Index);
        using var bitmap = new SKBitmap(new SKImageInfo(side, side, SKColorType.Rgba8888, SKAlphaType.Opaque));
        PaintGround(bitmap.GetPixelSpan());
        using (var canvas = new SKCanvas(bitmap))
        using (var paint = new SKPaint { IsAntialias = true })
        {
            foreach (var item in scene.Objects)
            {
                paint.Color = ScenePainter.Jitter(item.Colour, draws);
                ScenePainter.Draw(
                    canvas, paint, new SceneObject(item.Cell, item.Colour, item.Shape, 0), (float)item.X, (float)item.Y, (float)item.Radius);
            }
        }

        foreach (var item in scene.Objects)
        {
            PaintLabel(bitmap.GetPixelSpan(), item);
        }

        return new RgbImage(side, side, ScenePainter.WithNoise(bitmap.GetPixelSpan(), draws));
    }

    private static void PaintGround(Span<byte> rgba)
    {
        for (var y = 0; y < ZoomScene.Pixels; y++)
        {
            for (var x = 0; x < ZoomScene.Pixels; x++)
            {
                var pixel = rgba.Slice(((y * ZoomScene.Pixels) + x) * 4, 4);
                (pixel[0], pixel[1], pixel[2], pixel[3]) = (Shade(x), 225, Shade(y), byte.MaxValue);
            }
        }

        static byte Shade(int at) => (byte)(240 - (Fall * at / ZoomScene.Pixels));
    }

    private static void PaintLabel(Span<byte> rgba, ZoomObject item)
    {
        var mark = item.Mark;
        for (var y = mark.Top - Margin; y < mark.Bottom + Margin; y++)
        {
            for (var x = mark.Left - Margin; x < mark.Right + Margin; x++)
            {
                rgba.Slice(((y * ZoomScene.Pixels) + x) * 4, 3).Fill(HalftoneDigit.Ground);
            }
        }

        HalftoneDigit.Draw(rgba, ZoomScene.Pixels, item.Digit, mark.Left, mark.Top);
    }
}
