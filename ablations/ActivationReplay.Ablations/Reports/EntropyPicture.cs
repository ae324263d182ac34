using ActivationReplay.Ablations.Storage;
using ActivationReplay.Vision;
using SkiaSharp;

namespace ActivationReplay.Ablations.Reports;

/// <summary>Pictures for a page, as WebP: the picture itself, and the entropies of its visual tokens over it.</summary>
internal static class EntropyPicture
{
    private const int LongestSide = 320;
    private const int Quality = 88;

    /// <summary>The picture, at most <see cref="LongestSide"/> pixels a side.</summary>
    public static byte[] Thumbnail(RgbImage picture) => Draw(picture, grey: false, enlarge: false, (_, _) => { });

    /// <summary>The entropy map of a picture over it, with an outline around the selected tokens.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="grid">The grid of its visual tokens.</param>
    /// <param name="nats">The entropies of the tokens in nats, row by row from the top.</param>
    /// <param name="selected">Whether each token was selected.</param>
    public static byte[] Map(RgbImage picture, TokenGrid grid, IReadOnlyList<float> nats, IReadOnlyList<bool> selected) =>
        Draw(picture, grey: true, enlarge: true, (canvas, frame) =>
        {
            PictureHeatMap.PaintCells(canvas, frame, nats, grid.Rows, grid.Columns);
            using var outline = Outline(frame, grid, selected);

            // Light on dark: it shows on every colour of the map.
            using var halo = new SKPaint { Style = SKPaintStyle.Stroke, StrokeWidth = 4, Color = new SKColor(0, 0, 0, 170), IsAntialias = true };
            using var line = new SKPaint { Style = SKPaintStyle.Stroke, StrokeWidth = 2, Color = SKColors.White, IsAntialias = true };
            canvas.DrawPath(outline, halo);
            canvas.DrawPath(outline, line);
        });

    /// <summary>The picture with outlines of boxes on it, numbered from 1.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="boxes">Boxes within it.</param>
    public static byte[] Boxes(RgbImage picture, PictureBoxes boxes) => Draw(picture, grey: false, enlarge: true, (canvas, frame) =>
    {
        var scale = frame.Width / picture.Width;
        using var halo = new SKPaint { Style = SKPaintStyle.Stroke, StrokeWidth = 5, Color = new SKColor(0, 0, 0, 170), IsAntialias = true };
        using var line = new SKPaint { Style = SKPaintStyle.Stroke, StrokeWidth = 2.5f, Color = new SKColor(255, 200, 0), IsAntialias = true };
        using var ink = new SKPaint { Color = new SKColor(255, 200, 0), IsAntialias = true };
        using var font = PlotFont.Of(16);
        foreach (var (index, box) in boxes.Boxes.Index())
        {
            var drawn = SKRect.Create(box[0] * scale, box[1] * scale, (box[2] - box[0]) * scale, (box[3] - box[1]) * scale);
            canvas.DrawRect(drawn, halo);
            canvas.DrawRect(drawn, line);
            canvas.DrawText(Numbers.Whole(index + 1), drawn.Left + 4, drawn.Top + 17, SKTextAlign.Left, font, ink);
        }
    });

    // The edges between tokens that took part and those that did not.
    private static SKPath Outline(SKRect frame, TokenGrid grid, IReadOnlyList<bool> selected)
    {
        var path = new SKPath();
        var inner = SKRect.Inflate(frame, -1, -1);
        for (var row = 0; row < grid.Rows; row++)
        {
            for (var column = 0; column < grid.Columns; column++)
            {
                if (!Has(row, column))
                {
                    continue;
                }

                var cell = SKRect.Intersect(PictureHeatMap.CellOf(frame, row, column, grid.Rows, grid.Columns), inner);
                Edge(Has(row - 1, column), cell.Left, cell.Top, cell.Right, cell.Top);
                Edge(Has(row + 1, column), cell.Left, cell.Bottom, cell.Right, cell.Bottom);
                Edge(Has(row, column - 1), cell.Left, cell.Top, cell.Left, cell.Bottom);
                Edge(Has(row, column + 1), cell.Right, cell.Top, cell.Right, cell.Bottom);
            }
        }

        return path;

        bool Has(int row, int column) => row >= 0 && row < grid.Rows && column >= 0 && column < grid.Columns
            && selected[(row * grid.Columns) + column];

        void Edge(bool inside, float x0, float y0, float x1, float y1)
        {
            if (!inside)
            {
                path.MoveTo(x0, y0);
                path.LineTo(x1, y1);
            }
        }
    }

    private static byte[] Draw(RgbImage picture, bool grey, bool enlarge, Action<SKCanvas, SKRect> paint)
    {
        var scale = LongestSide / (float)Math.Max(picture.Width, picture.Height);
        scale = enlarge ? scale : Math.Min(1, scale);
        var (width, height) = (Math.Max(1, (int)(picture.Width * scale)), Math.Max(1, (int)(picture.Height * scale)));
        using var surface = SKSurface.Create(new SKImageInfo(width, height));
        using var bitmap = PictureHeatMap.ToBitmap(picture, grey);
        using var image = SKImage.FromBitmap(bitmap);
        var frame = SKRect.Create(width, height);
        surface.Canvas.DrawImage(image, frame, new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
        paint(surface.Canvas, frame);
        using var snapshot = surface.Snapshot();
        using var data = snapshot.Encode(SKEncodedImageFormat.Webp, Quality);
        return data.ToArray();
    }
}
