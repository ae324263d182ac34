using ActivationReplay.Models;
using ActivationReplay.Training.Tasks;
using ActivationReplay.Vision;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Data;

/// <summary>Scenes with the visual features of their pictures, computed once by the frozen vision tower.</summary>
internal sealed class PictureBank : IDisposable
{
    private const int PicturesPerPass = 32;

    private PictureBank(IReadOnlyList<Scene> scenes, Tensor features) => (Scenes, Features) = (scenes, features);

    /// <summary>The scenes.</summary>
    public IReadOnlyList<Scene> Scenes { get; }

    /// <summary>The visual features of the scenes, [scenes, N, D].</summary>
    public Tensor Features { get; }

    /// <summary>Draws the pictures of scenes 0 to <paramref name="count"/> - 1 of a seed and runs the tower on them.</summary>
    public static PictureBank Create(
        QwenVlModel model, ImageProcessor images, SceneSettings settings, ulong seed, int count, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var scenes = new Scene[count];
        var features = new List<Tensor>();
        foreach (var part in Enumerable.Range(0, count).Chunk(PicturesPerPass))
        {
            cancel.ThrowIfCancellationRequested();
            foreach (var i in part)
            {
                scenes[i] = Scene.Create(settings, seed, (ulong)i);
            }

            features.Add(Encode(model, images, scenes.AsSpan(part[0], part.Length)));
        }

        return new PictureBank(scenes, cat(features, 0).DetachFromDisposeScope());
    }

    /// <summary>Features [scenes, N, D] of the pictures of scenes that have the same size.</summary>
    public static Tensor Encode(QwenVlModel model, ImageProcessor images, ReadOnlySpan<Scene> scenes)
    {
        using var scope = NewDisposeScope();
        var patches = new VisionPatches[scenes.Length];
        for (var i = 0; i < patches.Length; i++)
        {
            patches[i] = images.Cut(ScenePainter.Paint(scenes[i]));
        }

        var features = model.EncodePatches(cat([.. patches.Select(p => p.Pixels)], 0), [.. patches.Select(p => p.Grid)]);
        return features.view(scenes.Length, -1, features.shape[^1]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => Features.Dispose();
}
