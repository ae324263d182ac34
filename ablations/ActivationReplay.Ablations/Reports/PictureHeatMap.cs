using System.Globalization;
using System.Runtime.InteropServices;
using ActivationReplay.Files;
using ActivationReplay.Vision;
using ScottPlot.Colormaps;
using SkiaSharp;

namespace ActivationReplay.Ablations.Reports;

/// <summary>Values of one layer over a picture's grid of visual tokens.</summary>
/// <param name="Title">Stands above it.</param>
/// <param name="Values">[H·W], rows from the top.</param>
internal sealed record HeatPanel(string Title, IReadOnlyList<float> Values);

/// <summary>
/// Heat maps over a picture's visual grid, half transparent on the picture in grey, a panel a layer, each with its scale.
/// </summary>
internal static class PictureHeatMap
{
    private const int Side = 300;
    private const int Gap = 24;
    private const int Header = 56;
    private const int Caption = 30;
    private const int Scale = 52;
    private const int PanelsARow = 5;
    private const byte Opacity = 150;
    private static readonly Viridis Colours = new();

    /// <summary>Draws and saves.</summary>
    /// <param name="path">A PNG file.</param>
    /// <param name="title">What is drawn, with its unit.</param>
    /// <param name="picture">The picture in the size that the model sees.</param>
    /// <param name="rows">Rows of the grid.</param>
    /// <param name="columns">Columns of the grid.</param>
    /// <param name="panels">At least one.</param>
    public static void Save(string path, string title, RgbImage picture, int rows, int columns, IReadOnlyList<HeatPanel> panels)
    {
        var scale = Side / (float)Math.Max(picture.Width, picture.Height);
        var (width, height) = ((int)(picture.Width * scale), (int)(picture.Height * scale));
        var across = Math.Min(PanelsARow, panels.Count);
        var (stepX, stepY) = (Math.Max(width, Side / 2) + Gap, Caption + height + Scale);
        using var surface = SKSurface.Create(new SKImageInfo(
            Gap + Math.Max(across * stepX, 2 * Side), Header + ((panels.Count + across - 1) / across * stepY)));
        var canvas = surface.Canvas;
        canvas.Clear(SKColors.White);
        using var bitmap = ToBitmap(picture);
        using var image = SKImage.FromBitmap(bitmap);
        Write(canvas, title, Gap, 36, 19, bold: true);
        foreach (var (index, panel) in panels.Index())
        {
            var (left, top) = (Gap + (index % across * stepX), Header + (index / across * stepY));
            Write(canvas, panel.Title, left, top + Caption - 10, 16);
            var frame = SKRect.Create(left, top + Caption, width, height);
            canvas.DrawImage(image, frame, new SKSamplingOptions(SKFilterMode.Linear));
            DrawPanel(canvas, frame, panel.Values, rows, columns);
        }

        using var snapshot = surface.Snapshot();
        using var data = snapshot.Encode(SKEncodedImageFormat.Png, 100);
        AtomicFile.Write(path, data.SaveTo);
    }

    /// <summary>Paints the cells of a grid over a frame, half transparent, from the smallest value to the largest.</summary>
    internal static void PaintCells(SKCanvas canvas, SKRect frame, IReadOnlyList<float> values, int rows, int columns)
    {
        var (low, high) = (values.Min(), values.Max());
        using var paint = new SKPaint();
        for (var i = 0; i < values.Count; i++)
        {
            paint.Color = Colour(high > low ? (values[i] - low) / (high - low) : 0.5, Opacity);
            canvas.DrawRect(CellOf(frame, i / columns, i % columns, rows, columns), paint);
        }
    }

    /// <summary>
    /// The rectangle of a grid cell. Edges are rounded alike for neighbours, so that no seams show between half-transparent cells.
    /// </summary>
    internal static SKRect CellOf(SKRect frame, int row, int column, int rows, int columns) => new(
        Edge(frame.Left, frame.Width, column, columns),
        Edge(frame.Top, frame.Height, row, rows),
        Edge(frame.Left, frame.Width, column + 1, columns),
        Edge(frame.Top, frame.Height, row + 1, rows));

    private static void DrawPanel(SKCanvas canvas, SKRect frame, IReadOnlyList<float> values, int rows, int columns)
    {
        var (low, high) = (values.Min(), values.Max());
        PaintCells(canvas, frame, values, rows, columns);
        using var paint = new SKPaint();
        const int BarHeight = 10;
        for (var x = 0; x < frame.Width; x++)
        {
            paint.Color = Colour(x / (frame.Width - 1), byte.MaxValue);
            canvas.DrawRect(frame.Left + x, frame.Bottom + 6, 1, BarHeight, paint);
        }

        Write(canvas, Number(low), frame.Left, frame.Bottom + 34, 13);
        Write(canvas, Number(high), frame.Right, frame.Bottom + 34, 13, align: SKTextAlign.Right);
    }

    private static float Edge(float start, float length, int index, int count) => MathF.Round(start + (length * index / count));

    private static SKColor Colour(double fraction, byte alpha)
    {
        var colour = Colours.GetColor(fraction);
        return new SKColor(colour.R, colour.G, colour.B, alpha);
    }

    private static string Number(float value) =>
        value.ToString(value != 0 && Math.Abs(value) < 0.01f ? "0.0e-0" : "0.00", CultureInfo.InvariantCulture);

    private static void Write(SKCanvas canvas, string text, float x, float y, float size, bool bold = false, SKTextAlign align = SKTextAlign.Left)
    {
        using var font = PlotFont.Of(size, bold);
        using var ink = new SKPaint { Color = SKColors.Black, IsAntialias = true };
        canvas.DrawText(text, x, y, align, font, ink);
    }

    /// <summary>The picture for Skia; in grey (Rec. 601) all colour is the heat map's.</summary>
    internal static SKBitmap ToBitmap(RgbImage picture, bool grey = true)
    {
        var bitmap = new SKBitmap(new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var target = MemoryMarshal.Cast<byte, uint>(bitmap.GetPixelSpan());
        var source = picture.Pixels;
        for (var i = 0; i < target.Length; i++)
        {
            var rgb = source.Slice(i * RgbImage.Channels, RgbImage.Channels);
            target[i] = 0xFF000000 | (grey
                ? (uint)((299 * rgb[0]) + (587 * rgb[1]) + (114 * rgb[2])) / 1000 * 0x010101
                : rgb[0] | ((uint)rgb[1] << 8) | ((uint)rgb[2] << 16));
        }

        return bitmap;
    }
}
