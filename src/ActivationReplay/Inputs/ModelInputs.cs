using ActivationReplay.Vision;
using static TorchSharp.torch;

namespace ActivationReplay.Inputs;

/// <summary>A picture or video in a prompt: T · H · W consecutive visual tokens.</summary>
/// <param name="Start">The position of its first visual token.</param>
/// <param name="T">The number of temporal steps; 1 for a picture.</param>
/// <param name="H">The number of rows of visual tokens.</param>
/// <param name="W">The number of columns of visual tokens.</param>
/// <param name="IsVideo">Whether it is a video. The vision tower takes all pictures of a prompt before all videos.</param>
public readonly record struct VisualSpan(int Start, int T, int H, int W, bool IsVideo)
{
    /// <summary>The number of visual tokens.</summary>
    public int Count => T * H * W;

    /// <summary>The first position after it.</summary>
    public int End => Start + Count;
}

/// <summary>The input of a model for one prompt: token ids, patches and rotary positions. Plain data on the CPU.</summary>
public sealed class ModelInputs : IDisposable
{
    /// <summary>Combines the parts; <see cref="Processor"/> makes them from messages.</summary>
    /// <param name="ids">The T token ids, with a placeholder for each visual token.</param>
    /// <param name="pixels">
    /// The patches, [patches, C·t·p·p] fp32, of pictures first, then of videos; null without media. Owned.
    /// </param>
    /// <param name="grids">The patch grids of the media, in the order of <paramref name="pixels"/>.</param>
    /// <param name="spans">The media in prompt order.</param>
    /// <param name="positions">The rotary positions of each token: temporal, height, width, [3][T].</param>
    public ModelInputs(
        IReadOnlyList<int> ids,
        Tensor? pixels,
        IReadOnlyList<PatchGrid> grids,
        IReadOnlyList<VisualSpan> spans,
        IReadOnlyList<long[]> positions)
    {
        Ids = ids;
        Pixels = pixels?.DetachFromDisposeScope();
        Grids = grids;
        Spans = spans;
        Positions = positions;
        VisualPositions = [.. spans.SelectMany(s => Enumerable.Range(s.Start, s.Count))];
        RopeDelta = positions.Max(axis => axis.Max()) + 1 - ids.Count;
    }

    /// <summary>The T token ids.</summary>
    public IReadOnlyList<int> Ids { get; }

    /// <summary>T, the number of prompt tokens.</summary>
    public int Length => Ids.Count;

    /// <summary>The patches, [patches, C·t·p·p] fp32, of pictures first, then of videos; null without media.</summary>
    public Tensor? Pixels { get; }

    /// <summary>The patch grids of the media, in the order of <see cref="Pixels"/>.</summary>
    public IReadOnlyList<PatchGrid> Grids { get; }

    /// <summary>The media in prompt order.</summary>
    public IReadOnlyList<VisualSpan> Spans { get; }

    /// <summary>V, the positions of the N visual tokens, ascending.</summary>
    public IReadOnlyList<int> VisualPositions { get; }

    /// <summary>The rotary positions of each token: temporal, height, width, [3][T].</summary>
    public IReadOnlyList<long[]> Positions { get; }

    /// <summary>The difference between a generated token's rotary position and its index in the sequence.</summary>
    public long RopeDelta { get; }

    /// <inheritdoc/>
    public void Dispose() => Pixels?.Dispose();
}
