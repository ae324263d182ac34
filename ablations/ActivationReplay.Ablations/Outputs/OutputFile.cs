namespace ActivationReplay.Ablations.Outputs;

/// <summary>A file that a command's option names.</summary>
internal static class OutputFile
{
    /// <summary>Says before anything is computed where the file may not be written.</summary>
    /// <param name="option">The option, for messages.</param>
    /// <param name="path">The file.</param>
    /// <param name="overwrite">Whether an earlier file of the command is replaced.</param>
    /// <param name="kind">What the command writes, in words.</param>
    /// <param name="isOfKind">Whether the file that is there is such a file.</param>
    /// <exception cref="ArgumentException">It is a folder, or a file is there.</exception>
    public static void Check(string option, string path, bool overwrite, string kind, Func<string, bool> isOfKind)
    {
        if (Directory.Exists(path))
        {
            throw new ArgumentException($"{option} {path} is a folder; {kind}, a file, is written there.");
        }

        if (!File.Exists(path))
        {
            return;
        }

        if (!isOfKind(path))
        {
            throw new ArgumentException($"{option} {path} holds something else than {kind}; name another file.");
        }

        if (!overwrite)
        {
            throw new ArgumentException($"{option} {path} is there already; name another file, or --overwrite replaces it.");
        }
    }

    /// <summary>The first line of a file, which tells tables apart.</summary>
    public static string FirstLine(string path) => File.ReadLines(path).FirstOrDefault("");
}
