using ActivationReplay.Vision;
using SkiaSharp;

namespace ActivationReplay.Training.Tasks.Clips;

/// <summary>Draws clips frame by frame; the colour is the same in all frames, the noise is new in each.</summary>
internal static class ClipPainter
{
    private static readonly SKColor s_background = new(236, 236, 230);

    /// <summary>The frames.</summary>
    public static RgbImage[] Paint(Clip clip)
    {
        var draws = new Draws(clip.Seed, DrawPurpose.Painting, clip.Index);
        using var bitmap = new SKBitmap(new SKImageInfo(Clip.Pixels, Clip.Pixels, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(bitmap);
        using var paint = new SKPaint { IsAntialias = true, Color = ScenePainter.Jitter(clip.Colour, draws) };
        var frames = new RgbImage[Clip.FrameCount];
        foreach (var (f, frame) in clip.Frames.Index())
        {
            canvas.Clear(s_background);
            if (frame.IsVisible)
            {
                var item = new SceneObject(0, clip.Colour, frame.Digit == 0 ? clip.Shape : null, frame.Digit);
                ScenePainter.Draw(canvas, paint, item, (float)frame.X, (float)frame.Y, (float)clip.Radius);
            }

            frames[f] = new RgbImage(Clip.Pixels, Clip.Pixels, ScenePainter.WithNoise(bitmap.GetPixelSpan(), draws));
        }

        return frames;
    }
}
