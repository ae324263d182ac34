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
        var chosen = asked > 0 ? asked
            : IsSmall(model) ? 1
            : Environment.ProcessorCount;
        set_num_threads(Math.Min(chosen, Environment.ProcessorCount));
    }

    private static bool IsSmall(QwenVlModel model) => model.parameters().Sum(p => p.numel()) < SmallModel;

    /// <summary>How many questions can be computed side by side: never more threads than cores, one at a time on a GPU.</summary>
    public static int Workers(ReplayPair pair) =>
        Enum.GetValues<ModelRole>().All(role => pair.DeviceOf(role).type == TorchSharp.DeviceType.CPU)
            ? Math.Max(1, Environment.ProcessorCount / get_num_threads())
            : 1;
}
