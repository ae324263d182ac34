using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Vision;

/// <summary>
/// Antialiased bicubic resizing of video frames as torchvision does it, which qwen-vl-utils uses: in single precision,
/// rounded to bytes once. Pictures go through <see cref="BicubicResizer"/>, as Pillow rounds after each direction.
/// </summary>
internal static class FrameResizer
{
    /// <summary>A frame of the new size in pixels; the same frame where it has that size.</summary>
    public static RgbImage Resize(RgbImage frame, int height, int width)
    {
        if (frame.Height == height && frame.Width == width)
        {
            return frame;
        }

        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        var bytes = tensor(frame.Pixels.ToArray(), ScalarType.Byte).view(1, frame.Height, frame.Width, RgbImage.Channels);
        var resized = nn.functional.interpolate(
            bytes.permute(0, 3, 1, 2).to_type(ScalarType.Float32),
            size: [height, width],
            mode: InterpolationMode.Bicubic,
            align_corners: false,
            antialias: true); // [1, 3, H, W]
        var rounded = resized.clamp(Scalars.Zero, Scalars.Of((long)byte.MaxValue)).round().to_type(ScalarType.Byte).permute(0, 2, 3, 1).contiguous();
        return new RgbImage(width, height, rounded.data<byte>().ToArray());
    }
}
