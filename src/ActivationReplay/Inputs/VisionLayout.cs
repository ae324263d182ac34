using ActivationReplay.Checkpoints;
using ActivationReplay.Vision;

namespace ActivationReplay.Inputs;

/// <summary>Equal attention segments inside each frame of a medium, attended as one batch.</summary>
/// <param name="Offset">First patch of the run, from the frame's start.</param>
/// <param name="Count">Segments in the run.</param>
/// <param name="Length">Patches a segment.</param>
internal readonly record struct SegmentRun(int Offset, int Count, int Length);

/// <summary>One picture or video in the order in which the tower computes.</summary>
/// <param name="Frames">Temporal steps.</param>
/// <param name="FrameLength">Patches a frame.</param>
/// <param name="Windows">Runs of the windowed blocks.</param>
internal sealed record MediumLayout(int Frames, int FrameLength, IReadOnlyList<SegmentRun> Windows);

/// <summary>
/// Where each patch goes in the vision tower. Inside a frame the merge units (2×2 patches) are ordered by window and
/// windows by size, so that windows of one size are a batch; no block attends beyond its frame.
/// </summary>
internal sealed class VisionLayout
{
    private readonly List<MediumLayout> media = [];
    private readonly List<long> unitOrder = [];
    private readonly List<(int Row, int Column)> patchPositions = [];

    public VisionLayout(VisionConfig config, IReadOnlyList<PatchGrid> grids)
    {
        var merge = config.SpatialMergeSize;
        // A tower without windows is one window a frame.
        var side = config.WindowSize > 0 ? config.WindowSize / config.PatchSize / merge : int.MaxValue;
        foreach (var grid in grids)
        {
            Add(grid, merge, side);
        }
    }

    public IReadOnlyList<MediumLayout> Media => media;

    /// <summary>For each merge unit in computing order its index in the processor's order.</summary>
    public IReadOnlyList<long> UnitOrder => unitOrder;

    /// <summary>Row and column of each patch, in computing order.</summary>
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
