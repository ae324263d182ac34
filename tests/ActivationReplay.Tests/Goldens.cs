namespace ActivationReplay.Tests;

/// <summary>Recorded numbers: the whole set beside the repository where it is present, else the part that tests/ carries.</summary>
internal static class Goldens
{
    /// <summary>The repository's top folder, found by its solution file.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The part that the repository carries.</summary>
    public static string Carried { get; } = Path.Combine(Repository, "tests", "goldens");

    /// <summary>Folder with <c>pairs/</c>, <c>cases/</c> and <c>prepare/</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The names of all recorded pairs, at least one.</summary>
    public static IReadOnlyList<string> Pairs => FoldersIn(PathOf("pairs"));

    /// <summary>The names of all recorded cases, at least one.</summary>
    public static IReadOnlyList<string> Cases => FoldersIn(PathOf("cases"));

    /// <summary>A file or folder of the recordings, for tests over all that are there.</summary>
    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>
    /// A file or folder of the carried part, for tests of what one recording says. Pairs that are not carried have
    /// their small files under <c>Fixtures/</c>.
    /// </summary>
    public static string CarriedPathOf(params string[] parts)
    {
        var carried = Path.Combine([Carried, .. parts]);
        return Path.Exists(carried)
            ? carried
            : Path.Combine([Repository, "tests", "ActivationReplay.Tests", "Fixtures", .. parts]);
    }

    /// <summary>The names of the folders in a folder of recordings, at least one.</summary>
    /// <exception cref="InvalidDataException">There is none: a test over none of them would say nothing.</exception>
    public static IReadOnlyList<string> FoldersIn(string folder)
    {
        var names = Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)).ToArray();
        Array.Sort(names, StringComparer.Ordinal);
        return names.Length > 0 ? names : throw new InvalidDataException($"{folder} holds no recordings.");
    }

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
        return Directory.Exists(shared) ? shared : Carried;
    }
}
