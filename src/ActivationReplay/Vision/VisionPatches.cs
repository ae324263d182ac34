using static TorchSharp.torch;

namespace ActivationReplay.Vision;

/// <summary>Patches that a picture or video is cut into: how many in time, down and across.</summary>
/// <param name="T">Temporal steps: 1 for a picture, half the frames of a video.</param>
/// <param name="H">Rows of patches.</param>
/// <param name="W">Patches in a row.</param>
public readonly record struct PatchGrid(int T, int H, int W)
{
    /// <summary>How many patches there are.</summary>
    public int Count => checked(T * H * W);
}

/// <summary>A picture or video as the vision tower takes it.</summary>
/// <param name="Pixels">
/// <c>[T·H·W, C·temporal patch·patch·patch]</c> (1176 numbers a patch), float32 on the CPU, normalised. The patches of
/// one visual token follow one another; tokens go across, then down, then through time.
/// </param>
/// <param name="Grid">The grid that the rows of <paramref name="Pixels"/> come from.</param>
public sealed record VisionPatches(Tensor Pixels, PatchGrid Grid) : IDisposable
{
    /// <summary>Frees the pixels.</summary>
    public void Dispose() => Pixels.Dispose();
}
