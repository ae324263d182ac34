namespace ActivationReplay.Checkpoints;

/// <summary>A checkpoint cannot be used: a file of it is absent, damaged, or not what the model needs.</summary>
/// <remarks>The message names the path, the tensor or key, what is wrong and what would be right.</remarks>
public sealed class CheckpointException : Exception
{
    /// <summary>Reports a problem of a file, or of one tensor in it.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="problem">What is wrong, and what would be right.</param>
    /// <param name="tensor">The tensor's name as stored (as asked for, where it is missing), or null.</param>
    /// <param name="cause">The error beneath, if there is one.</param>
    public CheckpointException(string path, string problem, string? tensor = null, Exception? cause = null)
        : base(tensor is null ? $"{path}: {problem}" : $"{path}: tensor {tensor}: {problem}", cause)
    {
        Path = path;
        Tensor = tensor;
    }

    /// <summary>The file or folder that is wrong.</summary>
    public string Path { get; }

    /// <summary>The tensor that is wrong, or null where it is not about one.</summary>
    public string? Tensor { get; }
}
