namespace ActivationReplay.Tests;

/// <summary>Recorded numbers: the whole set beside the repository where it is present, else the part that tests/ carries.</summary>
internal static class Goldens
{
    /// <summary>The repository's top folder, found by its solution file.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>Folder with <c>pairs/</c>, <c>cases/</c> and <c>prepare/</c>.</summary>
    public static string Root { get; } = FindRoot();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRepository()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ActivationReplay.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No ActivationReplay.sln above {AppContext.BaseDirectory}.");
    }

    private static string FindRoot()
    {
        var shared = Path.GetFullPath(Path.Combine(Repository, "..", "shared", "goldens"));
        return Directory.Exists(shared) ? shared : Path.Combine(Repository, "tests", "goldens");
    }
}
