using ActivationReplay.Training.Weights;

namespace ActivationReplay.Training.Stages;

/// <summary>Settings of the first stage, in which the tower learns what stands in each cell.</summary>
public sealed record VisionSettings
{
    /// <summary>Optimiser steps.</summary>
    public int Steps { get; init; } = 150;

    /// <summary>New pictures a step.</summary>
    public int Pictures { get; init; } = 32;

    /// <summary>Parts at full size shown of each picture, where the task has a tool.</summary>
    public int Parts { get; init; } = 4;

    /// <summary>Learning rate.</summary>
    public LearningRate Rate { get; init; } = new() { Peak = 2e-3, WarmUp = 10 };

    /// <summary>Optimiser.</summary>
    public AdamWSettings Optimiser { get; init; } = new() { Decay = 0 };

    /// <summary>Standard deviation that the features are scaled to afterwards.</summary>
    public double Deviation { get; init; } = 0.4;
}
