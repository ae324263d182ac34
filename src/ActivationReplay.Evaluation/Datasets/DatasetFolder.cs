using ActivationReplay.Vision;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>The folder of a data set's file. Rows may name files within it only, after symbolic links are resolved.</summary>
internal sealed class DatasetFolder
{
    private const int MaxLinks = 40;

    private readonly string _folder;
    private readonly string _real;

    /// <param name="file">The data set's file.</param>
    public DatasetFolder(string file)
    {
        _folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        _real = Real(_folder);
    }

    /// <summary>A picture that a row names by a path relative to the folder.</summary>
    /// <exception cref="FormatException">The path is absolute, or leaves the folder.</exception>
    public MediaFile Picture(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Contains('\0', StringComparison.Ordinal))
        {
            throw new FormatException("a picture's path is empty, or holds a NUL character");
        }

        var full = Path.GetFullPath(Path.Combine(_folder, name));
        if (Path.IsPathRooted(name) || !IsInside(full, _folder) || !IsInside(Real(full), _real))
        {
            throw new FormatException($"the picture '{name}' lies outside the data set's folder; paths are relative to it, and links stay in it");
        }

        return MediaFile.FromPath(full);
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
                throw new FormatException($"the picture '{path}' is behind more than {MaxLinks} links");
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
