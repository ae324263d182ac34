using System.Text;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Tests.Vision;

namespace ActivationReplay.Tests.Evaluation;

/// <summary>Data sets in the forms that users have: those that tests/ carries, and the whole ones beside the repository.</summary>
internal static class DatasetFiles
{
    /// <summary>The same text with pictures of a few bytes.</summary>
    public static string Carried { get; } = Path.Combine(Goldens.Repository, "tests", "ActivationReplay.Tests", "Fixtures", "datasets");

    /// <summary>Folders with the files, at least the carried one.</summary>
    public static IEnumerable<string> Folders
    {
        get
        {
            var shared = Path.GetFullPath(Path.Combine(Goldens.Repository, "..", "shared", "datasets"));
            return Directory.Exists(shared) ? [Carried, shared] : [Carried];
        }
    }

    /// <summary>A picture of 8×8 in base64, longer than any index.</summary>
    public static string Picture { get; } = Convert.ToBase64String(Png(8));

    public static byte[] Png(int width) => Pictures.Png(width, 8, 8, 2, [.. Enumerable.Repeat((byte)width, 8 * width * 3)]).Read().ToArray();

    /// <summary>Writes a TSV of the cells as they stand and reads it.</summary>
    public static IReadOnlyList<DatasetRow> Tsv(string folder, params string[] lines) => Open(folder, "data.tsv", string.Join('\n', lines) + "\n");

    public static IReadOnlyList<DatasetRow> Open(string folder, string name, string text) => Open(folder, name, Encoding.UTF8.GetBytes(text));

    public static IReadOnlyList<DatasetRow> Open(string folder, string name, byte[] bytes)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllBytes(path, bytes);
        return Dataset.Open(path);
    }
}
