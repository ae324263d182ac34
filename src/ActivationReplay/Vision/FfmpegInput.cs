using System.Text.RegularExpressions;
using FFMpegCore;
using FFMpegCore.Arguments;

namespace ActivationReplay.Vision;

/// <summary>
/// A file as ffmpeg's input, whatever it is called. FFMpegCore's own puts a path between quotes as it is, so that a
/// quote in a name would end it.
/// </summary>
internal sealed partial class FfmpegInput(string path) : IInputArgument
{
    // Playlists (HLS, concat, DASH) would let a file name others, and other protocols let it reach the network.
    private const string Formats = "mov,matroska,avi,mpegts,mpeg,flv,asf,ogg,gif,mxf,nut,ivf";

    /// <summary>The arguments of ffmpeg and ffprobe that restrict formats and protocols.</summary>
    public static IReadOnlyList<string> Restrictions { get; } =
        ["-protocol_whitelist", "file", "-format_whitelist", Formats];

    /// <summary>The file as a location: no name is taken for an option or for another protocol.</summary>
    public string Location => $"file:{Path.GetFullPath(path)}";

    /// <inheritdoc/>
    public string Text => $"-i {Quote(Location)}";

    /// <inheritdoc/>
    public void Pre(FFOptions options)
    {
        // The reader has looked for the file.
    }

    /// <inheritdoc/>
    public Task During(CancellationToken cancellationToken = default) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Post()
    {
        // A file on disk leaves nothing behind.
    }

    // The rules of ProcessStartInfo.Arguments: backslashes count only before a quote, where each is doubled.
    internal static string Quote(string argument) =>
        $"\"{BackslashesThatCount().Replace(argument, "$1$1").Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    [GeneratedRegex(@"(\\+)(?=""|\z)")]
    private static partial Regex BackslashesThatCount();
}
