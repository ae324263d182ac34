namespace ActivationReplay.Ablations.Configuration;

/// <summary>Files that ship in the repository, wherever the program was started.</summary>
internal static class RepositoryPaths
{
    /// <summary>The path under the repository's top; relative to the working folder where there is no repository.</summary>
    public static string Find(params string[] parts)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ActivationReplay.sln")))
            {
                return Path.Combine([folder.FullName, .. parts]);
            }
        }

        return Path.Combine(parts);
    }
}
