using System.CommandLine;

namespace ActivationReplay.Benchmarks.Videos;

/// <summary>Which film is measured, and how much of it.</summary>
/// <param name="Seconds">Its length.</param>
/// <param name="Folder">Where it is kept for the next time; null makes it in a folder that is deleted.</param>
/// <param name="Brief">Whether the long rows are left out.</param>
internal sealed record VideoWork(int Seconds, string? Folder, bool Brief);

/// <summary>Options of <c>video</c>.</summary>
internal sealed class VideoOptions
{
    private const int DefaultSeconds = 600;

    private readonly Option<int> seconds = new("--seconds") { Description = "Length of the film.", DefaultValueFactory = _ => DefaultSeconds };

    private readonly Option<string?> film = new("--film") { Description = "A folder in which the film is kept and found again; without it, it is made anew each time." };

    private readonly Option<bool> brief = new("--brief") { Description = $"Leave out the long rows: {VideoCommand.Many} frames, and the decoding of every frame." };

    public void AddTo(Command command)
    {
        foreach (Option option in new Option[] { seconds, film, brief })
        {
            command.Options.Add(option);
        }
    }

    /// <exception cref="ArgumentException">The film is too short for the frames that are read.</exception>
    public VideoWork Read(ParseResult parsed)
    {
        var work = new VideoWork(parsed.GetValue(seconds), parsed.GetValue(film), parsed.GetValue(brief));
        var most = work.Brief ? VideoCommand.Few : VideoCommand.Many;
        var least = (most + Film.Rate - 1) / Film.Rate;
        return work.Seconds >= least
            ? work
            : throw new ArgumentException($"--seconds must be at least {least}{(work.Brief ? "" : $", or {(VideoCommand.Few + Film.Rate - 1) / Film.Rate} with --brief")}.");
    }

    /// <summary>The arguments that ask for the same work again.</summary>
    public static string Again(VideoWork work) =>
        $"{(work.Seconds == DefaultSeconds ? "" : $" --seconds {work.Seconds}")}{(work.Folder is null ? "" : " --film DIR")}{(work.Brief ? " --brief" : "")}";
}
