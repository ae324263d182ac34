using ActivationReplay.Checkpoints;
using ActivationReplay.Vision;

namespace ActivationReplay.Inputs;

/// <summary>A run of equally long attention windows in each frame of a medium, which are attended as one batch.</summary>
/// <param name="Offset">The index of its first patch in the frame.</param>
/// <param name="Count">The number of windows.</param>
/// <param name="Length">The number of patches of a window.</param>
internal readonly record struct SegmentRun(int Offset, int Count, int Length);

/// <summary>The layout of one picture or video in the vision tower.</summary>
/// <param name="Frames">The number of temporal steps.</param>
/// <param name="FrameLength">The number of patches of a temporal step.</param>
/// <param name="Windows">The runs of windows within a frame, for blocks with window attention.</param>
internal sealed record MediumLayout(int Frames, int FrameLength, IReadOnlyList<SegmentRun> Windows);

/// <summary>
/// The order in which the vision tower computes patches. Within a frame, merge units (2×2 patches) are ordered by window, and
/// windows by size, so that windows of one size form a batch. No block attends beyond its frame.
/// </summary>
internal sealed class VisionLayout
{
    private readonly List<MediumLayout> media = [];
    private readonly List<long> unitOrder = [];
    private readonly List<(int Row, int Column)> patchPositions = [];

    public VisionLayout(VisionConfig config, IReadOnlyList<PatchGrid> grids)
    {
        var merge = config.SpatialMergeSize;
        // Without window attention, a frame is one window.
        var side = config.WindowSize > 0 ? config.WindowSize / config.PatchSize / merge : int.MaxValue;
        foreach (var grid in grids)
        {
            Add(grid, merge, side);
        }
    }

    public IReadOnlyList<MediumLayout> Media => media;

    /// <summary>For each merge unit, in the tower's order, its index in the processor's order.</summary>
    public IReadOnlyList<long> UnitOrder => unitOrder;

    /// <summary>The row and column of each patch in its frame, in the tower's order.</summary>
    public IReadOnlyList<(int Row, int Column)> PatchPositions => patchPositions;

    private void Add(PatchGrid grid, int merge, int side)
    {
        var (rows, columns) = (grid.H / merge, grid.W / merge);
        var windows = Windows(rows, columns, side).OrderByDescending(w => w.Count).ToList();
        var unitPatches = merge * merge;
        var runs = new List<SegmentRun>();
        var offset = 0;
        foreach (var run in windows.GroupBy(w => w.Count))
        {
            var length = run.Key * unitPatches;
            runs.Add(new SegmentRun(offset, run.Count(), length));
            offset += run.Count() * length;
        }

        media.Add(new MediumLayout(grid.T, offset, runs));
        for (var frame = 0; frame < grid.T; frame++)
        {
            var start = unitOrder.Count;
            foreach (var (row, column) in windows.SelectMany(w => w))
            {
                unitOrder.Add(start + (long)row * columns + column);
                for (var p = 0; p < unitPatches; p++)
                {
                    patchPositions.Add((row * merge + p / merge, column * merge + p % merge));
                }
            }
        }
    }

    private static IEnumerable<List<(int Row, int Column)>> Windows(int rows, int columns, int side)
    {
        for (var top = 0; top < rows; top = Next(top, side, rows))
        {
            for (var left = 0; left < columns; left = Next(left, side, columns))
            {
                var (bottom, right) = (Next(top, side, rows), Next(left, side, columns));
                yield return [.. from row in Enumerable.Range(top, bottom - top)
                                 from column in Enumerable.Range(left, right - left)
                                 select (row, column)];
            }
        }
    }

    private static int Next(int start, int side, int end) => side < end - start ? start + side : end;
}
