using ActivationReplay.Models;
using ActivationReplay.Vision;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Data;

/// <summary>Pictures of one size with their visual features, computed once by the frozen vision tower.</summary>
internal sealed class PictureBank : IDisposable
{
    private const int PicturesPerPass = 32;

    private PictureBank(Tensor features) => Features = features;

    /// <summary>The visual features of the pictures, [P, N, D].</summary>
    public Tensor Features { get; }

    /// <summary>Runs the tower on pictures 0 to <paramref name="count"/> − 1.</summary>
    /// <param name="model">The model with the tower.</param>
    /// <param name="count">P.</param>
    /// <param name="picture">A picture by its index, as patches; asked for on several threads.</param>
    /// <param name="cancel">Stops between passes.</param>
    public static PictureBank Create(QwenVlModel model, int count, Func<int, VisionPatches> picture, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var features = new List<Tensor>();
        foreach (var part in Enumerable.Range(0, count).Chunk(PicturesPerPass))
        {
            cancel.ThrowIfCancellationRequested();
            using var pass = NewDisposeScope();
            var (pixels, grids) = PatchesOf(part.Length, i => picture(part[i]));
            var encoded = model.EncodePatches(pixels, grids);
            features.Add(encoded.view(part.Length, -1, encoded.shape[^1]).MoveToOuterDisposeScope());
        }

        return new PictureBank(cat(features, 0).DetachFromDisposeScope());
    }

    /// <summary>Patches of pictures, one after the other, made on as many threads as there are cores.</summary>
    public static (Tensor Pixels, IReadOnlyList<PatchGrid> Grids) PatchesOf(int count, Func<int, VisionPatches> picture)
    {
        var patches = new VisionPatches[count];
        Parallel.For(0, patches.Length, i =>
        {
            // A thread has a dispose scope of its own: what is made there is let go of here.
            using var scope = NewDisposeScope();
            patches[i] = picture(i);
            patches[i].Pixels.DetachFromDisposeScope();
        });
        var pixels = cat([.. patches.Select(p => p.Pixels)], 0);
        foreach (var made in patches)
        {
            made.Dispose();
        }

        return (pixels, [.. patches.Select(p => p.Grid)]);
    }

    /// <inheritdoc/>
    public void Dispose() => Features.Dispose();
}
