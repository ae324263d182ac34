using ActivationReplay.Models;
using ActivationReplay.Replay.Recordings;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Execution;

/// <summary>How many threads tensor operations use on the CPU.</summary>
internal static class CpuThreads
{
    // Below this many weights an operation takes microseconds: handing half of it to another thread costs more.
    private const long SmallModel = 20_000_000;

    /// <summary>Uses <paramref name="asked"/> threads, never more than there are cores; 0 chooses by the model's size.</summary>
    public static void Use(int asked, QwenVlModel model)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(asked, "--threads");
        set_num_threads(Threads(asked, model.parameters().Sum(p => p.numel())));
    }

    /// <summary>The workers that there will be for a model of so many weights, before it is loaded.</summary>
    /// <param name="asked">As in <see cref="Use"/>.</param>
    /// <param name="weights">The number of the model's weights.</param>
    /// <param name="onCpu">Whether both models are on the CPU.</param>
    public static int Workers(int asked, long weights, bool onCpu) =>
        onCpu ? Math.Max(1, Environment.ProcessorCount / Threads(asked, weights)) : 1;

    private static int Threads(int asked, long weights) => Math.Min(
        asked > 0 ? asked : weights < SmallModel ? 1 : Environment.ProcessorCount, Environment.ProcessorCount);

    /// <summary>How many questions can be computed side by side: never more threads than cores, one at a time on a GPU.</summary>
    public static int Workers(ReplayPair pair) =>
        Enum.GetValues<ModelRole>().All(role => pair.DeviceOf(role).type == TorchSharp.DeviceType.CPU)
            ? Math.Max(1, Environment.ProcessorCount / get_num_threads())
            : 1;
}
