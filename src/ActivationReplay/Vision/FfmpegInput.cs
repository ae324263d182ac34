namespace ActivationReplay.Vision;

/// <summary>A file as ffmpeg's input, whatever it is called.</summary>
internal static class FfmpegInput
{
    // Playlists (HLS, concat, DASH) would let a file name others, and other protocols let it reach the network.
    private const string Formats = "mov,matroska,avi,mpegts,mpeg,flv,asf,ogg,gif,mxf,nut,ivf";

    /// <summary>The arguments of ffmpeg and ffprobe that restrict formats and protocols.</summary>
    public static IReadOnlyList<string> Restrictions { get; } =
        ["-protocol_whitelist", "file", "-format_whitelist", Formats];

    /// <summary>The file as a location: no name is taken for an option or for another protocol.</summary>
    public static string Location(string path) => $"file:{Path.GetFullPath(path)}";
}
