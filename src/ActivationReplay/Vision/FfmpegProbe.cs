using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using FFMpegCore;

namespace ActivationReplay.Vision;

/// <summary>Asks ffprobe about a clip: its first video stream that is no cover picture.</summary>
internal static class FfmpegProbe
{
    private const string Entries =
        "packet=pts,pts_time,flags:stream=index,codec_type,width,height,avg_frame_rate,r_frame_rate:format=format_name";

    /// <exception cref="MediaException">The file is no video, or over a limit.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; ffprobe is ended.</exception>
    public static (VideoInfo Clip, ClipIndex? Index) Run(
        string path, FfmpegPrograms programs, PixelLimit limits, int frameLimit, CancellationToken cancel)
    {
        var json = Ask(path, programs, frameLimit, cancel);
        try
        {
            return Read(path, FFProbe.FromJson(json), limits, frameLimit);
        }
        catch (JsonException error)
        {
            throw new MediaException(path, $"ffprobe's answer about it cannot be read: {error.Message}", error);
        }
    }

    private static (VideoInfo Clip, ClipIndex? Index) Read(string path, IMediaAnalysis answer, PixelLimit limits, int frameLimit)
    {
        var video = answer.PrimaryVideoStream ?? throw new MediaException(path, "has no video in it.");
        limits.Check(video.Width ?? 0, video.Height ?? 0);
        ClipPacket[] frames = [.. answer.Raw.ExtensionData["packets"].EnumerateArray().Where(IsShown).Select(Frame)];
        if (frames.Length > frameLimit)
        {
            throw new MediaException(path, $"has over {frameLimit} frames, the limit.");
        }

        double[] rates = [video.AverageFrameRate, video.RealFrameRate];
        return Array.Find(rates, rate => double.IsFinite(rate) && rate > 0) is var rate and > 0
            ? (new VideoInfo(path, frames.Length, rate, video.Width!.Value, video.Height!.Value), CanSeek(answer) ? ClipIndex.Of(frames) : null)
            : throw new MediaException(path, "does not say how many frames a second it has.");
    }

    // Containers with an index of their key frames. In others ffmpeg looks for a place by its bytes, and may begin after the frame.
    private static bool CanSeek(IMediaAnalysis answer) =>
        answer.Format.FormatName.Split(',') is var names && (names.Contains("mp4") || names.Contains("matroska"));

    // Decoding drops what an edit list cuts off ("D", discard); of everything else a packet is a frame.
    private static bool IsShown(JsonElement packet) =>
        !packet.GetProperty("flags").GetString()!.Contains('D', StringComparison.Ordinal);

    private static ClipPacket Frame(JsonElement packet) => new(
        packet.TryGetProperty("pts", out var ticks) ? ticks.GetInt64() : null,
        packet.TryGetProperty("pts_time", out var time)
            && double.TryParse(time.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) ? seconds : null,
        packet.GetProperty("flags").GetString()!.Contains('K', StringComparison.Ordinal));

    private static string Ask(string path, FfmpegPrograms programs, int frameLimit, CancellationToken cancel)
    {
        using var process = FfmpegPrograms.Start(path, programs.Probe,
        [
            "-v", "error", .. FfmpegInput.Restrictions,
            "-select_streams", "V:0",
            "-read_intervals", $"%+#{frameLimit + 1}", // reads no further
            "-show_entries", Entries,
            "-print_format", "json=compact=1",
            FfmpegInput.Location(path),
        ]);
        return Task.Run(() => Answer(path, process, cancel), CancellationToken.None).GetAwaiter().GetResult();
    }

    private static async Task<string> Answer(string path, Process process, CancellationToken cancel)
    {
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancel);
            var errors = process.StandardError.ReadToEndAsync(cancel);
            await Task.WhenAll(output, errors, process.WaitForExitAsync(cancel)).ConfigureAwait(false);
            return process.ExitCode == 0
                ? await output.ConfigureAwait(false)
                : throw new MediaException(path, $"is no video that ffmpeg can read: {(await errors.ConfigureAwait(false)).Trim()}");
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }
}
