namespace ActivationReplay.Training.Stages;

/// <summary>How far a stage is.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Status">Its numbers, for people.</param>
public readonly record struct StageProgress(string Stage, int Step, int Steps, string Status);
