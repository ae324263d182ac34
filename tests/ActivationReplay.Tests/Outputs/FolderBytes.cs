namespace ActivationReplay.Tests.Outputs;

/// <summary>Every file of a folder by its relative path, with its bytes: what a refused command must not touch.</summary>
internal static class FolderBytes
{
    public static Dictionary<string, string> Of(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .ToDictionary(f => Path.GetRelativePath(folder, f).Replace(Path.DirectorySeparatorChar, '/'), f => Convert.ToBase64String(File.ReadAllBytes(f)));
}
