using ActivationReplay.Inputs;
using ActivationReplay.Models;

namespace ActivationReplay.Replay.Recordings;

/// <summary>Which model of a pair.</summary>
public enum ModelRole
{
    /// <summary>M_b, before reinforcement learning.</summary>
    Base,

    /// <summary>M_r, post-trained with verifiable rewards.</summary>
    Rlvr,
}

/// <summary>A recording that a method takes.</summary>
/// <param name="Role">Whose.</param>
/// <param name="Layers">States from the first, 1 to L+1.</param>
/// <param name="AllPositions">Every position, not the visual ones alone.</param>
/// <param name="PrefillRatio">Share of the pictures' sides that the model sees.</param>
/// <param name="Targets">
/// Takes all that the method takes from the recording but entropies, where that is top tokens alone: the states need not be
/// kept then, nor the recorded model. Null where the states are read.
/// </param>
public readonly record struct RecordingNeed(
    ModelRole Role, int Layers, bool AllPositions = false, double PrefillRatio = 1, Action<Recording, QwenVlModel, ModelInputs>? Targets = null);
