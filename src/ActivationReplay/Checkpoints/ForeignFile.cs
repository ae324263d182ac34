namespace ActivationReplay.Checkpoints;

/// <summary>Recognises files of other formats that are given instead of safetensors files.</summary>
internal static class ForeignFile
{
    private static readonly string[] s_pickles = [".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"];

    /// <summary>Pickles run code when they are read, so they are refused by name alone.</summary>
    /// <exception cref="CheckpointException">The path has the name of a pickle.</exception>
    public static void RefusePickle(string path)
    {
        if (IsPickle(path))
        {
            throw new CheckpointException(path, Pickle);
        }
    }

    public static bool IsPickle(string path) => s_pickles.Contains(Path.GetExtension(path).ToLowerInvariant());

    public const string Pickle =
        "is a pickle, which can run code when it is read; convert it to safetensors (save_pretrained does)";

    /// <summary>Describes a file that has no valid header by its first bytes; null if they are not recognised.</summary>
    public static string? Describe(ReadOnlySpan<byte> start) =>
        start.StartsWith("PK"u8) || (start.Length > 1 && start[0] == 0x80 && start[1] is >= 1 and <= 5) ? Pickle
        : start.StartsWith("version "u8) ? "is a Git LFS pointer instead of the file; fetch it with git lfs pull"
        : start.StartsWith("GGUF"u8) ? "is a GGUF file; only safetensors files are read"
        : null;
}
