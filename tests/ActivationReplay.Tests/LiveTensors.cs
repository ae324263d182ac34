using static TorchSharp.torch;

namespace ActivationReplay.Tests;

/// <summary>For tests of what stays behind.</summary>
internal static class LiveTensors
{
    /// <summary>Counts when finalisers have freed what earlier tests left: else they would do so amid the test.</summary>
    public static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Tensor.TotalCount;
    }
}
