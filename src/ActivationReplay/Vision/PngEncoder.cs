using SkiaSharp;

namespace ActivationReplay.Vision;

/// <summary>Writes pictures as PNG files.</summary>
public static class PngEncoder
{
    /// <summary>A PNG of a picture, which <see cref="ImageDecoder"/> decodes to the same pixels.</summary>
    public static byte[] Encode(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        using var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var target = bitmap.GetPixelSpan();
        for (int from = 0, to = 0; from < image.Pixels.Length; from += RgbImage.Channels, to += 4)
        {
            image.Pixels.Slice(from, RgbImage.Channels).CopyTo(target[to..]);
            target[to + 3] = byte.MaxValue;
        }

        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }
}
