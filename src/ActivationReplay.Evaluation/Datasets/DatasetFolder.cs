using ActivationReplay.Vision;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>A folder in which rows may name files, and nowhere else, after symbolic links are resolved.</summary>
internal sealed class DatasetFolder
{
    private const int MaxLinks = 40;

    private readonly string _folder;
    private readonly string _real;

    private readonly string _name;

    private DatasetFolder(string folder, string name)
    {
        (_folder, _name) = (folder, name);
        _real = Real(folder);
    }

    /// <summary>The folder of a data set's file.</summary>
    public static DatasetFolder Of(string file) => new(Path.GetDirectoryName(Path.GetFullPath(file))!, "the data set's folder");

    /// <summary>A folder that the user names for videos.</summary>
    public static DatasetFolder OfVideos(string folder) =>
        new(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)), $"the folder of videos, {folder}");

    /// <summary>Its path.</summary>
    public string Folder => _folder;

    /// <summary>A picture that a row names by a path relative to the folder.</summary>
    /// <exception cref="FormatException">The path is absolute, or leaves the folder.</exception>
    public MediaFile Picture(string name) => MediaFile.FromPath(Inside(name, "picture"));

    /// <summary>The full path of a file that a row names; it need not exist.</summary>
    /// <param name="name">The path relative to the folder.</param>
    /// <param name="what">What it is, for errors.</param>
    /// <exception cref="FormatException">The path is absolute, or leaves the folder.</exception>
    public string Inside(string name, string what)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Contains('\0', StringComparison.Ordinal))
        {
            throw new FormatException($"a {what}'s path is empty, or holds a NUL character");
        }

        var full = Path.GetFullPath(Path.Combine(_folder, name));
        if (Path.IsPathRooted(name) || !IsInside(full, _folder) || !IsInside(Real(full), _real))
        {
            throw new FormatException($"the {what} '{name}' lies outside {_name}; paths are relative to it, and links stay in it");
        }

        return full;
    }

    private static bool IsInside(string path, string folder) =>
        path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    // The path with every link in it followed; .NET follows the last part alone.
    private static string Real(string path)
    {
        var links = 0;
        var real = Path.GetPathRoot(path)!;
        var rest = new Stack<string>(Parts(path).Reverse());
        while (rest.TryPop(out var part))
        {
            if (part == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }

            var next = Path.Combine(real, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MaxLinks)
            {
                throw new FormatException($"the file '{path}' is behind more than {MaxLinks} links");
            }

            real = Path.IsPathRooted(target) ? Path.GetPathRoot(target)! : real;
            foreach (var inner in Parts(target).Reverse())
            {
                rest.Push(inner);
            }
        }

        return real;
    }

    private static IEnumerable<string> Parts(string path) =>
        path[(Path.GetPathRoot(path) ?? "").Length..]
            .Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries)
            .Where(p => p != ".");
}
