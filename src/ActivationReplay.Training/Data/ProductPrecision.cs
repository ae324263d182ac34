namespace ActivationReplay.Training.Data;

/// <summary>In which type the matrix products of training are computed; weights, sums and losses are fp32.</summary>
public enum ProductPrecision
{
    /// <summary>The faster one on this machine, measured when a run begins.</summary>
    Auto,

    /// <summary>fp32.</summary>
    Fp32,

    /// <summary>bf16.</summary>
    Bf16,
}
