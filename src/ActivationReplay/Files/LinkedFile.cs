namespace ActivationReplay.Files;

/// <summary>Files that may be links, as in the Hugging Face cache: what counts is what a link leads to.</summary>
internal static class LinkedFile
{
    /// <summary>Whether there is a file; <see cref="File.Exists"/> says so of a link that leads nowhere, too.</summary>
    public static bool Exists(string path) => File.Exists(path) && (File.ResolveLinkTarget(path, returnFinalTarget: true)?.Exists ?? true);

    /// <summary>The bytes of a file; null where there is none.</summary>
    public static long? Length(string path)
    {
        if (!Exists(path))
        {
            return null;
        }

        using var handle = File.OpenHandle(path);
        return RandomAccess.GetLength(handle);
    }
}
