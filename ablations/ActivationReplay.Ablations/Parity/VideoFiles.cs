using System.Text.Json.Serialization;
using ActivationReplay.Vision;

namespace ActivationReplay.Ablations.Parity;

/// <summary>An entry of <c>prepare/videos/videos.json</c>: a clip, how it is sampled, and what that gives.</summary>
internal sealed record VideoEntryFile
{
    public required string File { get; init; }

    public required VideoSettingsFile Settings { get; init; }

    /// <summary>True where the clip has too few frames; the rest is absent then.</summary>
    public bool? Refused { get; init; }

    public IReadOnlyList<int>? Frames { get; init; }

    public double? SampleFps { get; init; }

    public double? SecondPerGrid { get; init; }

    /// <summary>Height, width.</summary>
    public IReadOnlyList<int>? Resized { get; init; }

    /// <summary>Frames of the clip between start and end.</summary>
    public int? TotalFrames { get; init; }

    public double? Fps { get; init; }
}

/// <summary>Settings under the names of qwen-vl-utils; others are refused.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record VideoSettingsFile
{
    public int? Nframes { get; init; }

    public double? Fps { get; init; }

    public int? MinFrames { get; init; }

    public int? MaxFrames { get; init; }

    public long? MinPixels { get; init; }

    public long? MaxPixels { get; init; }

    public long? TotalPixels { get; init; }

    public double? VideoStart { get; init; }

    public double? VideoEnd { get; init; }

    public VideoSampling ToSampling()
    {
        var defaults = new VideoSampling();
        return new VideoSampling
        {
            FrameCount = Nframes,
            FramesPerSecond = Fps,
            MinFrames = MinFrames ?? defaults.MinFrames,
            MaxFrames = MaxFrames ?? defaults.MaxFrames,
            MinPixels = MinPixels,
            MaxPixels = MaxPixels,
            TotalPixels = TotalPixels ?? defaults.TotalPixels,
            Start = VideoStart,
            End = VideoEnd,
        };
    }
}
