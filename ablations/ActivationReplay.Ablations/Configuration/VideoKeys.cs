using System.Text.Json;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Vision;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>A key of the videos of a data set.</summary>
/// <param name="Name">Dotted.</param>
/// <param name="Kind">What is allowed.</param>
/// <param name="Description">What it is.</param>
/// <param name="Set">Takes a value; throws <see cref="ConfigurationException"/>.</param>
/// <param name="Options">Options of the command line.</param>
internal sealed record VideoKey(
    string Name, ValueKind Kind, string Description, Func<VideoSettings, ConfigValue, VideoSettings> Set, params string[] Options)
    : ConfigKey(Name, Kind, Description, Options);

/// <summary>Where videos are and which of their frames are taken, as qwen-vl-utils has it.</summary>
internal static class VideoKeys
{
    private const string AtMost = "at-most ";

    private static readonly string s_frames = $"a whole number from 2 to {VideoSampling.MostFrames}, or {AtMost}N";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<VideoKey> All { get; } =
    [
        new("dataset.video-root", ValueKind.Text("a folder"), "The folder that a data set's videos are in; its own by default.",
            (v, value) => v with { Root = value.Located() }, "--video-root"),
        new("video.frames", ValueKind.Form(s_frames),
            "Frames of a clip, spread evenly. 16 refuses a shorter clip, as qwen-vl-utils does; at-most 16, the default, takes what it has.",
            Frames, "--frames"),
        new("video.fps", ValueKind.Positive, "Frames a second of the clip, instead of a number of frames.",
            (v, value) => With(v, value, s => s with { FrameCount = null, FramesPerSecond = value.Number(n => n > 0, ValueKind.Positive.Words) }), "--fps"),
        new("video.min-frames", ValueKind.Whole(1), "Fewest frames by rate.",
            (v, value) => With(v, value, s => s with { MinFrames = value.Whole(1) })),
        new("video.max-frames", ValueKind.Whole(2), "Most frames by rate.",
            (v, value) => With(v, value, s => s with { MaxFrames = value.Whole(2) })),
        new("video.min-pixels", ValueKind.Whole(1), "Smallest area of a frame, pixels.",
            (v, value) => With(v, value, s => s with { MinPixels = value.Whole(1) })),
        new("video.max-pixels", ValueKind.Whole(1), "Largest area of a frame, pixels. Published: 200704.",
            (v, value) => With(v, value, s => s with { MaxPixels = value.Whole(1) }), "--frame-pixels"),
        new("video.total-pixels", ValueKind.Whole(1), "Most pixels of all temporal steps together.",
            (v, value) => With(v, value, s => s with { TotalPixels = value.Whole(1) })),
        new("video.start", ValueKind.NotNegative("seconds"), "Where in a clip to start.",
            (v, value) => With(v, value, s => s with { Start = value.Number(n => n >= 0, "seconds from 0") })),
        new("video.end", ValueKind.NotNegative("seconds"), "Where in a clip to end.",
            (v, value) => With(v, value, s => s with { End = value.Number(n => n >= 0, "seconds from 0") })),
    ];

    /// <summary>The settings that keys give; a rate takes the place of the number of frames.</summary>
    /// <exception cref="ConfigurationException">A value is not allowed, or number and rate are both given.</exception>
    public static VideoSettings Read(YamlKeys keys)
    {
        if (keys.One("video.frames") is not null && keys.One("video.fps") is { } rate)
        {
            throw rate.Wrong("either video.frames or video.fps, not both");
        }

        return All.Where(k => keys.One(k.Name) is not null).Aggregate(new VideoSettings(), (settings, key) => key.Set(settings, keys.One(key.Name)!));
    }

    /// <summary>A clip's sampling as text that is equal exactly where its settings are.</summary>
    public static string Canonical(VideoSampling sampling) => JsonSerializer.Serialize(sampling);

    private static VideoSettings Frames(VideoSettings settings, ConfigValue value)
    {
        var atMost = value.Text.StartsWith(AtMost, StringComparison.Ordinal);
        var number = atMost ? value with { Text = value.Text[AtMost.Length..].Trim() } : value;
        return With(settings, value, s => s with { FrameCount = number.Whole(2, s_frames), AtMost = atMost });
    }

    private static VideoSettings With(VideoSettings settings, ConfigValue value, Func<VideoSampling, VideoSampling> change)
    {
        try
        {
            return settings with { Sampling = change(settings.Sampling) };
        }
        catch (ArgumentException e)
        {
            throw value.Wrong(e.Message.Split('\n')[0]);
        }
    }
}
