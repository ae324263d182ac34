using ActivationReplay.Vision;
using static TorchSharp.torch;

namespace ActivationReplay.Inputs;

/// <summary>One picture or video inside a prompt.</summary>
/// <param name="Start">Position of its first placeholder.</param>
/// <param name="T">Temporal steps.</param>
/// <param name="H">Rows of visual tokens.</param>
/// <param name="W">Columns of visual tokens.</param>
/// <param name="IsVideo">A video; its features come after those of all pictures in the tower's order.</param>
public readonly record struct VisualSpan(int Start, int T, int H, int W, bool IsVideo)
{
    /// <summary>Number of visual tokens.</summary>
    public int Count => T * H * W;

    /// <summary>First position after it.</summary>
    public int End => Start + Count;
}

/// <summary>A prompt as the model takes it: ids, patches and rotary positions. Plain data on the CPU.</summary>
public sealed class ModelInputs : IDisposable
{
    /// <summary>Puts the parts together; <see cref="Processor"/> makes them from messages.</summary>
    /// <param name="ids">Token ids, one placeholder a visual token, [T].</param>
    /// <param name="pixels">Patches [patches, C·t·p·p] fp32, pictures first, then videos; null without media. Owned.</param>
    /// <param name="grids">Patch grids in the order of <paramref name="pixels"/>.</param>
    /// <param name="spans">The media in prompt order.</param>
    /// <param name="positions">Temporal, height and width position of each token, [3][T].</param>
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

    /// <summary>Token ids, [T].</summary>
    public IReadOnlyList<int> Ids { get; }

    /// <summary>T, the number of prompt tokens.</summary>
    public int Length => Ids.Count;

    /// <summary>Patches [patches, C·t·p·p] fp32 on the CPU, pictures first, then videos.</summary>
    public Tensor? Pixels { get; }

    /// <summary>Patch grids in the order of <see cref="Pixels"/>.</summary>
    public IReadOnlyList<PatchGrid> Grids { get; }

    /// <summary>The media in prompt order.</summary>
    public IReadOnlyList<VisualSpan> Spans { get; }

    /// <summary>V: positions of the visual tokens, ascending, [N].</summary>
    public IReadOnlyList<int> VisualPositions { get; }

    /// <summary>Rotary positions, [3][T]: temporal, height, width.</summary>
    public IReadOnlyList<long[]> Positions { get; }

    /// <summary>What is added to a generated token's index to have its rotary position.</summary>
    public long RopeDelta { get; }

    /// <inheritdoc/>
    public void Dispose() => Pixels?.Dispose();
}
