using System.Runtime;

namespace ActivationReplay.Training.Data;

/// <summary>
/// Keeps finalizers away from native calls. TorchSharp 0.107 makes a Scalar of every number in an expression and does not
/// keep it alive during the call; a collection at that moment frees it under libtorch's hands ("Unknown scalar type"). Millions
/// of calls a run meet that moment, so collections happen between steps only, where no call is under way.
/// </summary>
public static class Finalizers
{
    private const long Budget = 200L << 20; // bytes that may be allocated between two collections
    private static long start;

    /// <summary>Collects if the next step might not fit the budget. Call it where no other thread uses tensors.</summary>
    public static void RunBetweenSteps()
    {
        var isHeld = GCSettings.LatencyMode == GCLatencyMode.NoGCRegion;
        if (isHeld && GC.GetTotalAllocatedBytes() - start < Budget / 2)
        {
            return;
        }

        if (isHeld)
        {
            GC.EndNoGCRegion();
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.TryStartNoGCRegion(Budget);
        start = GC.GetTotalAllocatedBytes();
    }
}
