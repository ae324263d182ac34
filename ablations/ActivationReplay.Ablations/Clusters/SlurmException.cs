namespace ActivationReplay.Ablations.Clusters;

/// <summary>Slurm is not there, or refuses.</summary>
public sealed class SlurmException(string message) : Exception(message);
