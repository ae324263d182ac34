namespace ActivationReplay.Text;

/// <summary>
/// A tokenizer or chat template file that cannot be used. The message names the file, the key in it, what is wrong
/// there and what would be right.
/// </summary>
public sealed class TokenizerException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="path">The file or folder at fault.</param>
    /// <param name="key">The key in the file, dotted; <see langword="null"/> where the file as a whole is at fault.</param>
    /// <param name="problem">What is wrong, without a full stop.</param>
    /// <param name="remedy">What would be right, without a full stop.</param>
    /// <param name="innerException">The cause, if another exception is.</param>
    public TokenizerException(string path, string? key, string problem, string remedy, Exception? innerException = null)
        : base(key is null ? $"{path}: {problem}. {remedy}." : $"{path}, key '{key}': {problem}. {remedy}.", innerException)
    {
        Path = path;
        Key = key;
    }

    /// <summary>The file or folder at fault.</summary>
    public string Path { get; }

    /// <summary>The dotted key in the file, or <see langword="null"/> where the file as a whole is at fault.</summary>
    public string? Key { get; }
}
