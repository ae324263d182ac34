using System.Runtime.InteropServices;
using ActivationReplay.Checkpoints;
using static TorchSharp.torch;

namespace ActivationReplay.Vision;

/// <summary>
/// Makes pictures and lists of frames into patches, number for number as transformers' <c>Qwen2VLImageProcessor</c>:
/// resized (<see cref="SmartResize"/>, <see cref="BicubicResizer"/>), normalised, cut.
/// </summary>
/// <param name="config">The checkpoint's settings.</param>
public sealed class ImageProcessor(ImageProcessorConfig config)
{
    private readonly PatchCutter _cutter = new(config);

    /// <summary>The settings it was made with.</summary>
    public ImageProcessorConfig Config => config;

    /// <summary>A picture as patches; it is repeated to fill the depth of a patch.</summary>
    /// <param name="image">The decoded picture, of any size.</param>
    /// <param name="minPixels">Smallest area after resizing; the checkpoint's if absent.</param>
    /// <param name="maxPixels">Largest area after resizing; the checkpoint's if absent.</param>
    /// <param name="ratio">The factor by which both sides are shrunk below that size, in (0, 1].</param>
    /// <exception cref="MediaException">The aspect ratio is over 200.</exception>
    public VisionPatches Process(RgbImage image, long? minPixels = null, long? maxPixels = null, double ratio = 1)
    {
        ArgumentNullException.ThrowIfNull(image);
        return ProcessFrames([image], minPixels, maxPixels, ratio);
    }

    /// <summary>The frames of a video as patches; the last is repeated to fill the depth of a patch.</summary>
    /// <param name="frames">The decoded frames, at least one, all of one size.</param>
    /// <param name="minPixels">Smallest area of a frame after resizing; the checkpoint's if absent.</param>
    /// <param name="maxPixels">Largest area of a frame after resizing; the checkpoint's if absent.</param>
    /// <param name="ratio">The factor by which both sides are shrunk below that size, in (0, 1].</param>
    /// <exception cref="ArgumentException">There are no frames.</exception>
    /// <exception cref="MediaException">The frames differ in size, or their aspect ratio is over 200.</exception>
    public VisionPatches ProcessFrames(
        IReadOnlyList<RgbImage> frames, long? minPixels = null, long? maxPixels = null, double ratio = 1)
    {
        RefuseUnequal(frames);
        var (height, width) = SizeOf(frames[0].Height, frames[0].Width, minPixels, maxPixels);
        (height, width) = ratio == 1 ? (height, width) : Shrunk(height, width, ratio, maxPixels);
        return Cut(frames.Count, i => BicubicResizer.Resize(frames[i], height, width), height, width);
    }

    /// <summary>A picture that has its size already, as patches: both sides are divisible by a token's side.</summary>
    /// <exception cref="ArgumentException">A side is not divisible by the side of a token.</exception>
    public VisionPatches Cut(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return Cut([image]);
    }

    /// <summary>
    /// The frames of a video that have their size already, as patches; the last is repeated to fill the depth of a patch.
    /// </summary>
    /// <exception cref="ArgumentException">There are no frames, or a side is not divisible by the side of a token.</exception>
    /// <exception cref="MediaException">The frames differ in size.</exception>
    public VisionPatches Cut(IReadOnlyList<RgbImage> frames)
    {
        RefuseUnequal(frames);
        var (height, width) = (frames[0].Height, frames[0].Width);
        return height % config.Factor == 0 && width % config.Factor == 0
            ? Cut(frames.Count, i => frames[i], height, width)
            : throw new ArgumentException($"{width}×{height} is not divisible by {config.Factor}.", nameof(frames));
    }

    /// <summary>A picture in the size that <see cref="Process"/> gives it.</summary>
    /// <inheritdoc cref="Process"/>
    public RgbImage Resize(RgbImage image, long? minPixels = null, long? maxPixels = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        var (height, width) = SizeOf(image.Height, image.Width, minPixels, maxPixels);
        return BicubicResizer.Resize(image, height, width);
    }

    /// <summary>The patches that a picture of a size is cut into, without the picture.</summary>
    /// <param name="height">Its height in pixels.</param>
    /// <param name="width">Its width in pixels.</param>
    /// <param name="minPixels">Smallest area after resizing; the checkpoint's if absent.</param>
    /// <param name="maxPixels">Largest area after resizing; the checkpoint's if absent.</param>
    /// <exception cref="MediaException">The aspect ratio is over 200.</exception>
    public PatchGrid GridOf(int height, int width, long? minPixels = null, long? maxPixels = null)
    {
        var (newHeight, newWidth) = SizeOf(height, width, minPixels, maxPixels);
        return new PatchGrid(1, newHeight / config.PatchSize, newWidth / config.PatchSize);
    }

    private (int Height, int Width) SizeOf(int height, int width, long? minPixels, long? maxPixels) => SmartResize.Compute(
        height, width, config.Factor, minPixels ?? config.MinPixels, maxPixels ?? config.MaxPixels);

    // The decoded picture is resized straight to this size, not by way of the full one. One token is the least.
    private (int Height, int Width) Shrunk(int height, int width, double ratio, long? maxPixels) =>
        ratio is > 0 and <= 1
            ? SmartResize.Compute(
                (int)Math.Round(ratio * height),
                (int)Math.Round(ratio * width),
                config.Factor,
                (long)config.Factor * config.Factor,
                maxPixels ?? config.MaxPixels)
            : throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "The ratio is above 0 and at most 1.");

    private static void RefuseUnequal(IReadOnlyList<RgbImage> frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        ArgumentOutOfRangeException.ThrowIfZero(frames.Count);
        var (width, height) = (frames[0].Width, frames[0].Height);
        for (var i = 1; i < frames.Count; i++)
        {
            if (frames[i].Width != width || frames[i].Height != height)
            {
                throw new MediaException(
                    $"frame {i}",
                    $"has {frames[i].Width}×{frames[i].Height} pixels where frame 0 has {width}×{height}; "
                    + "all frames of a video must have one size.");
            }
        }
    }

    private VisionPatches Cut(int count, Func<int, RgbImage> frameAt, int height, int width)
    {
        using var scope = NewDisposeScope();
        var depth = config.TemporalPatchSize;
        var grid = new PatchGrid((count + depth - 1) / depth, height / config.PatchSize, width / config.PatchSize);
        var step = grid.H * grid.W; // patches
        var pixels = empty(grid.Count, _cutter.Length, ScalarType.Float32); // [T·H·W, C·depth·patch·patch]
        for (var t = 0; t < grid.T; t++)
        {
            RgbImage[] frames = [.. Enumerable.Range(t * depth, Math.Min(depth, count - (t * depth))).Select(frameAt)];
            using var rows = pixels.narrow(0, (long)t * step, step); // a step at a time: a span ends at 2³¹ bytes
            _cutter.Cut(frames, MemoryMarshal.Cast<byte, float>(rows.bytes));
        }

        return new VisionPatches(pixels.MoveToOuterDisposeScope(), grid);
    }
}
