using System.Globalization;

namespace ActivationReplay.Files;

/// <summary>Lists the contents of a folder into which a command is to write.</summary>
public static class FolderContents
{
    private const int Named = 4;

    /// <summary>
    /// The names of its files and folders, sorted; none if the folder does not exist. Hidden ones and logs (<c>.log</c>,
    /// <c>.out</c>, <c>.err</c>), which schedulers put there before a command begins, do not count.
    /// </summary>
    /// <exception cref="ArgumentException">The path is a file.</exception>
    public static IReadOnlyList<string> Of(string folder) => File.Exists(folder)
        ? throw new ArgumentException($"{folder} is a file; a folder belongs there.")
        : !Directory.Exists(folder)
            ? []
            : [.. Directory.EnumerateFileSystemEntries(folder).Select(entry => Path.GetFileName(entry))
                .Where(name => !name.StartsWith('.') && Path.GetExtension(name) is not (".log" or ".out" or ".err"))
                .Order(StringComparer.Ordinal)];

    /// <summary>The first of some names, and the number of the others, as text for messages.</summary>
    public static string Say(IReadOnlyList<string> names) => names.Count <= Named
        ? string.Join(", ", names)
        : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", names.Take(Named))} and {names.Count - Named} more");
}
