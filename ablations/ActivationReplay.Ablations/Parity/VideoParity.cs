using ActivationReplay.Checkpoints;
using ActivationReplay.Vision;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Parity;

/// <summary><c>prepare/videos</c>: which frames of a clip are taken, in which size, and what they look like.</summary>
internal sealed class VideoParity(string root, string? dump)
{
    private const int Factor = 28;
    private readonly string folder = Path.Combine(root, "prepare", "videos");
    private readonly VideoReader reader = new();
    private readonly List<ParityRow> rows = [];
    private readonly Dictionary<string, Tensor> pixels = [];

    public IReadOnlyList<ParityRow> Run()
    {
        var path = Path.Combine(folder, "videos.json");
        if (!File.Exists(path))
        {
            return [];
        }

        if (!reader.IsAvailable)
        {
            return [ParityRow.NotSupported("prepare", "videos", "the programs ffmpeg and ffprobe are not installed")];
        }

        using var scope = NewDisposeScope();
        var expectedPath = Path.Combine(folder, "expected.safetensors");
        using var expected = File.Exists(expectedPath) ? SafetensorsFile.Open(expectedPath) : null;
        var recorded = ParityJson.Read<IReadOnlyList<VideoEntryFile>>(path);
        IReadOnlyList<VideoEntryFile> computed = [.. recorded.Select((entry, i) => Compute(entry, i))];
        for (var i = 0; i < recorded.Count; i++)
        {
            Compare($"{i} {recorded[i].File}", computed[i], recorded[i]);
            ComparePixels($"{i}.first", expected);
            ComparePixels($"{i}.last", expected);
        }

        if (dump is not null)
        {
            ParityJson.Write(Path.Combine(dump, "prepare", "videos", "videos.json"), computed);
            SafetensorsWriter.Write(Path.Combine(dump, "prepare", "videos", "expected.safetensors"), pixels);
        }

        return rows;
    }

    private VideoEntryFile Compute(VideoEntryFile entry, int index)
    {
        try
        {
            var video = reader.Read(new VideoFile(Path.Combine(folder, entry.File), entry.Settings.ToSampling()), Factor);
            pixels[$"{index}.first"] = Bytes(video.Frames[0]);
            pixels[$"{index}.last"] = Bytes(video.Frames[^1]);
            return new VideoEntryFile
            {
                File = entry.File,
                Settings = entry.Settings,
                Frames = video.Selection.Numbers,
                SampleFps = video.Selection.FramesPerSecond,
                SecondPerGrid = video.Selection.SecondsPerGrid(),
                Resized = [video.Frames[0].Height, video.Frames[0].Width],
                TotalFrames = video.Selection.FramesInRange,
                Fps = video.Clip.FramesPerSecond,
            };
        }
        catch (Exception error) when (error is MediaException or ArgumentException)
        {
            // Too few frames, or settings that exclude each other.
            return new VideoEntryFile { File = entry.File, Settings = entry.Settings, Refused = true };
        }
    }

    // [3, H, W], as torch has frames.
    private static Tensor Bytes(RgbImage frame) =>
        tensor(frame.Pixels.ToArray(), ScalarType.Byte).view(frame.Height, frame.Width, RgbImage.Channels)
            .permute(2, 0, 1).contiguous();

    private void Compare(string clip, VideoEntryFile computed, VideoEntryFile recorded)
    {
        Exact("refused", computed.Refused ?? false, recorded.Refused ?? false);
        if (computed.Refused is true || recorded.Refused is true)
        {
            return;
        }

        List("frames", computed.Frames, recorded.Frames);
        List("resized", computed.Resized, recorded.Resized);
        Exact("total_frames", computed.TotalFrames, recorded.TotalFrames ?? computed.TotalFrames);
        Rate("fps", computed.Fps, recorded.Fps);
        Rate("sample_fps", computed.SampleFps, recorded.SampleFps);
        Rate("second_per_grid", computed.SecondPerGrid, recorded.SecondPerGrid);

        void Exact<T>(string quantity, T a, T b) => rows.Add(
            ParityRow.Exact("prepare", $"{clip} {quantity}", EqualityComparer<T>.Default.Equals(a, b) ? 0 : 1, 1));

        void List(string quantity, IReadOnlyList<int>? a, IReadOnlyList<int>? b)
        {
            var (mismatches, count) = TensorErrors.Mismatches(a!, b ?? a!);
            rows.Add(ParityRow.Exact("prepare", $"{clip} {quantity}", mismatches, count));
        }

        void Rate(string quantity, double? a, double? b) => rows.Add(ParityRow.Of(
            "prepare", $"{clip} {quantity}", Math.Abs(a!.Value - (b ?? a.Value)), ParityLimits.Rate * Math.Abs(a.Value)));
    }

    private void ComparePixels(string name, SafetensorsFile? expected)
    {
        if (pixels.TryGetValue(name, out var computed) && expected?.Entries.ContainsKey(name) == true)
        {
            var error = TensorErrors.Quantile(computed, expected.Read(name), 0.99);
            rows.Add(ParityRow.Of("prepare", $"{name} (99%)", error, ParityLimits.VideoByte, "of 255"));
        }
    }
}
