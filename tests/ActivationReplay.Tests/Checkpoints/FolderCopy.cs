namespace ActivationReplay.Tests.Checkpoints;

/// <summary>Copies of folders, which a test may change.</summary>
internal static class FolderCopy
{
    /// <summary>Copies all files below a folder into another, which need not be there.</summary>
    public static void Make(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
