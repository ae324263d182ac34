using ActivationReplay.Ablations.Configuration;

namespace ActivationReplay.Ablations.Planning;

/// <summary>What a run takes of one device at most, in bytes.</summary>
/// <param name="Device">Its name.</param>
/// <param name="Weights">Weights in memory of their own.</param>
/// <param name="Mapped">Weights that stay pages of the checkpoint's files: the system drops and reads them again where memory is short.</param>
/// <param name="Program">The runtime and libtorch, or a GPU's context.</param>
/// <param name="Held">What prepared questions keep: pixels, embeddings, recordings, offsets.</param>
/// <param name="Recording">The vision tower, or recording, whichever is more, beside those.</param>
/// <param name="Loop">The loop.</param>
/// <param name="Generation">Caches of keys and values, prefill, logits.</param>
internal sealed record DevicePlan(
    string Device, long Weights, long Mapped, long Program, long Held, long Recording, long Loop, long Generation)
{
    // Measured peaks are 1/1.3 of the estimate at the least (results/benchmarks/memory-plan.md).
    private const double MostOver = 1.3;

    /// <summary>The most at any time.</summary>
    public long Total => Weights + Mapped + Program + Work;

    /// <summary>
    /// What it cannot do without, even if the estimate is as much too high as it ever was: pages of files are no part of it.
    /// </summary>
    public long Least => Weights + (long)((Program + Work) / MostOver);

    /// <summary>The part that depends on what is computed together.</summary>
    public long Work => Held + Math.Max(Recording, Math.Max(Loop, Generation));

    /// <summary>The larger of each part: of two stretches of the work that follow one another.</summary>
    public static DevicePlan Later(DevicePlan a, DevicePlan b) => a.Total >= b.Total ? a : b;
}

/// <summary>What a run takes of memory, device by device, and how much is computed together.</summary>
/// <param name="Devices">The devices.</param>
/// <param name="Sizes">How much is computed together.</param>
internal sealed record MemoryPlan(IReadOnlyList<DevicePlan> Devices, WorkSizes Sizes);
