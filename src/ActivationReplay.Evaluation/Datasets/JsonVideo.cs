using System.Text.Json;
using ActivationReplay.Vision;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>
/// A video as a row of JSON gives it: a path, a list of pictures, or an object as qwen-vl-utils takes it, with <c>video</c> and where they
/// are needed <c>nframes</c> or <c>fps</c>, <c>min_frames</c>, <c>max_frames</c>, <c>min_pixels</c>, <c>max_pixels</c>,
/// <c>total_pixels</c>, <c>video_start</c>, <c>video_end</c>; of pictures <c>sample_fps</c>, 2 by default.
/// </summary>
internal static class JsonVideo
{
    private const double DefaultRate = 2; // qwen-vl-utils' rate of frames that are given

    private static readonly string[] s_keys =
        ["video", "nframes", "fps", "min_frames", "max_frames", "min_pixels", "max_pixels", "total_pixels", "video_start", "video_end", "sample_fps"];

    /// <exception cref="FormatException">It is of another form, or a setting is not allowed.</exception>
    public static VideoSource Read(JsonElement video, VideoFolder folder, DatasetFolder pictures)
    {
        if (video.ValueKind != JsonValueKind.Object)
        {
            return Source(video, folder, pictures, folder.Sampling, DefaultRate);
        }

        if (video.EnumerateObject().Select(p => p.Name).FirstOrDefault(n => !s_keys.Contains(n)) is { } unknown)
        {
            throw new FormatException($"'{unknown}' is no setting of a video; allowed: {string.Join(", ", s_keys)}");
        }

        if (!video.TryGetProperty("video", out var source))
        {
            throw new FormatException("a video is an object with 'video', a path or a list of pictures");
        }

        try
        {
            return Source(source, folder, pictures, Sampling(video, folder.Sampling), Number("sample_fps") ?? DefaultRate);
        }
        catch (ArgumentException e)
        {
            throw new FormatException(e.Message, e);
        }

        double? Number(string key) => JsonVideo.Number(video, key);
    }

    private static VideoSource Source(JsonElement source, VideoFolder folder, DatasetFolder pictures, VideoSampling sampling, double rate) => source.ValueKind switch
    {
        JsonValueKind.String => new VideoFile(folder.Find(source.GetString()!), sampling),
        JsonValueKind.Array when source.GetArrayLength() > 0 && source.EnumerateArray().All(f => f.ValueKind == JsonValueKind.String) =>
            double.IsFinite(rate) && rate > 0
                ? new FrameList([.. source.EnumerateArray().Select(f => pictures.Picture(f.GetString()!))], rate)
                : throw new FormatException("'sample_fps' is a number over 0, frames a second"),
        _ => throw new FormatException("a video is a path, a list of pictures' paths, or an object with 'video'"),
    };

    // What a row says goes before what the run says; a rate and a count exclude each other.
    private static VideoSampling Sampling(JsonElement video, VideoSampling common)
    {
        var (count, rate) = (Number(video, "nframes"), Number(video, "fps"));
        var start = count is null && rate is null ? common : common with { FrameCount = null, FramesPerSecond = null };
        start = count is { } n ? start with { FrameCount = Whole(n, "nframes"), AtMost = false } : start;
        start = rate is { } r ? start with { FramesPerSecond = r } : start;
        return start with
        {
            MinFrames = Number(video, "min_frames") is { } least ? Whole(least, "min_frames") : start.MinFrames,
            MaxFrames = Number(video, "max_frames") is { } most ? Whole(most, "max_frames") : start.MaxFrames,
            MinPixels = Number(video, "min_pixels") is { } small ? Whole(small, "min_pixels") : start.MinPixels,
            MaxPixels = Number(video, "max_pixels") is { } large ? Whole(large, "max_pixels") : start.MaxPixels,
            TotalPixels = Number(video, "total_pixels") is { } total ? Whole(total, "total_pixels") : start.TotalPixels,
            Start = Number(video, "video_start") ?? start.Start,
            End = Number(video, "video_end") ?? start.End,
        };
    }

    private static double? Number(JsonElement video, string key) =>
        !video.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null ? null
        : value.ValueKind == JsonValueKind.Number ? value.GetDouble()
        : throw new FormatException($"'{key}' is a {value.ValueKind}; a number belongs there");

    private static int Whole(double value, string key) => value == Math.Floor(value) && Math.Abs(value) <= int.MaxValue
        ? (int)value
        : throw new FormatException($"'{key}' is {value}; a whole number belongs there");
}
