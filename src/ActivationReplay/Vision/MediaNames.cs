namespace ActivationReplay.Vision;

/// <summary>What a file is by its name, where a command takes pictures and videos alike.</summary>
public static class MediaNames
{
    /// <summary>Endings of videos.</summary>
    public static IReadOnlyList<string> VideoExtensions { get; } = [".mp4", ".mkv", ".webm", ".avi", ".mov", ".m4v", ".mpg", ".mpeg", ".ts", ".flv", ".ogv"];

    /// <summary>Whether a name has the ending of a video.</summary>
    public static bool IsVideo(string name) => VideoExtensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);
}
