namespace ActivationReplay.Inputs;

/// <summary>How the temporal positions of videos count in Qwen2.5-VL.</summary>
public enum TemporalPositions
{
    /// <summary>By the seconds from one temporal step to the next, a real number.</summary>
    Seconds,

    /// <summary>
    /// By whole seconds, as transformers did before it was mended in 2026: at 4 frames a second every step is at one position. For runs
    /// that must reproduce results of those versions.
    /// </summary>
    Released,
}
