using ActivationReplay.Vision;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>Finds the videos that rows name, in the form in which each published list names them.</summary>
internal sealed class VideoFolder
{
    private readonly DatasetFolder _folder;
    private readonly Lazy<string[]> _below;

    /// <param name="file">The data set's file.</param>
    /// <param name="settings">Where videos are; the file's folder by default.</param>
    /// <exception cref="DatasetException">The folder that is named does not exist.</exception>
    public VideoFolder(string file, VideoSettings settings)
    {
        if (settings.Root is { } root && !Directory.Exists(root))
        {
            throw new DatasetException(root, "there is no such folder; dataset.video-root (--video-root) names the one that the videos are in");
        }

        _folder = settings.Root is { } named ? DatasetFolder.OfVideos(named) : DatasetFolder.Of(file);
        _below = new(() => [.. Directory.EnumerateDirectories(_folder.Folder).Order(StringComparer.Ordinal).Select(d => Path.GetFileName(d))]);
        Sampling = settings.Sampling;
    }

    /// <summary>The frames that are taken where a row does not say.</summary>
    public VideoSampling Sampling { get; }

    /// <summary>
    /// The path of a video: what the row names, with or without an extension, in the folder or in exactly one of the folders in it, as
    /// lists name a file whose subject is its folder. A name that is nowhere stays, and is an error when it is read.
    /// </summary>
    /// <exception cref="FormatException">The name leaves the folder, or several folders have the file.</exception>
    public string Find(string name)
    {
        // Lists of the hub name files by their address there.
        const string Resolved = "/resolve/";
        if (name.StartsWith("https://", StringComparison.Ordinal))
        {
            var at = name.IndexOf(Resolved, StringComparison.Ordinal);
            name = at > 0 && name.IndexOf('/', at + Resolved.Length) is var path and > 0
                ? name[(path + 1)..]
                : throw new FormatException($"the video '{name}' is an address; only those of files on the hub are understood, and read from the folder of videos");
        }

        var direct = Existing(name);
        if (direct is not null)
        {
            return direct;
        }

        string[] found = [.. _below.Value.Select(folder => Existing(Path.Combine(folder, name))).OfType<string>()];
        return found.Length switch
        {
            0 => _folder.Inside(name, "video"),
            1 => found[0],
            _ => throw new FormatException($"the video '{name}' is in several folders: {string.Join(", ", found)}; name one"),
        };
    }

    /// <summary>Whether there is such a file, under one of the endings of videos.</summary>
    public bool Has(string name) =>
        Existing(name) is not null || _below.Value.Any(folder => Existing(Path.Combine(folder, name)) is not null);

    private string? Existing(string name) => new[] { "" }
        .Concat(MediaNames.IsVideo(name) ? [] : MediaNames.VideoExtensions)
        .Select(extension => _folder.Inside(name + extension, "video"))
        .FirstOrDefault(File.Exists);
}
