namespace ActivationReplay.Ablations.Configuration;

/// <summary>Files that ship in the repository or with the tool, wherever the program was started.</summary>
internal static class RepositoryPaths
{
    /// <summary>
    /// The path under the repository's top; where there is no repository that of a file that came with the program, else relative
    /// to the working folder.
    /// </summary>
    public static string Find(params string[] parts)
    {
        if (Top() is { } top)
        {
            return Path.Combine([top, .. parts]);
        }

        var shipped = Path.Combine([AppContext.BaseDirectory, .. parts]);
        return Path.Exists(shipped) ? shipped : Path.Combine(parts);
    }

    /// <summary>The repository's top, or null for an installed program.</summary>
    public static string? Top()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ActivationReplay.sln")))
            {
                return folder.FullName;
            }
        }

        return null;
    }
}
