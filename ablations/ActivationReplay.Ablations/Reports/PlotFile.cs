using System.Runtime.InteropServices;
using ActivationReplay.Files;
using ScottPlot;
using SkiaSharp;

namespace ActivationReplay.Ablations.Reports;

/// <summary>Plots as PNG (<see cref="IndexedPng"/>).</summary>
internal static class PlotFile
{
    /// <summary>Draws plots side by side and writes the file, whole or not at all.</summary>
    public static void Save(string path, Multiplot plots, int width, int height) =>
        AtomicFile.WriteBytes(path, Draw(plots.Render, width, height));

    /// <summary>Draws a plot and writes the file, whole or not at all.</summary>
    public static void Save(string path, Plot plot, int width, int height) => AtomicFile.WriteBytes(path, Encode(plot, width, height));

    /// <summary>A plot's file, in memory.</summary>
    public static byte[] Encode(Plot plot, int width, int height) => Draw(plot.Render, width, height);

    private static byte[] Draw(Action<SKSurface> render, int width, int height)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Bgra8888, SKAlphaType.Opaque));
        using (var surface = SKSurface.Create(bitmap.Info, bitmap.GetPixels(), bitmap.RowBytes))
        {
            render(surface);
        }

        return IndexedPng.Encode(width, MemoryMarshal.Cast<byte, uint>(bitmap.GetPixelSpan()));
    }
}
