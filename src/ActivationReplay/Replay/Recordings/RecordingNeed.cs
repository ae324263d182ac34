using ActivationReplay.Models;

namespace ActivationReplay.Replay.Recordings;

/// <summary>One of the two models of a pair.</summary>
public enum ModelRole
{
    /// <summary>M_b, before reinforcement learning.</summary>
    Base,

    /// <summary>M_r, post-trained with verifiable rewards.</summary>
    Rlvr,
}

/// <summary>A recording that a method needs.</summary>
/// <param name="Role">The model that is recorded.</param>
/// <param name="Layers">The number of states from the first, 1 to L+1.</param>
/// <param name="AllPositions">Whether all positions are needed, or the visual ones only.</param>
/// <param name="PrefillRatio">The factor by which the sides of the pictures are scaled, in (0, 1].</param>
/// <param name="Targets">
/// Takes, for a prompt, all that the method takes from the recording but entropies, where that is top tokens alone: the states need not be
/// kept then, nor the recorded model. Null where the states are read.
/// </param>
public readonly record struct RecordingNeed(
    ModelRole Role, int Layers, bool AllPositions = false, double PrefillRatio = 1, Action<Recording, QwenVlModel, ReplayContext>? Targets = null);
