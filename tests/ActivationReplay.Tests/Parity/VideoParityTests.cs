using System.Text.Json;
using ActivationReplay.Ablations.Parity;
using ActivationReplay.Tests.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Parity;

/// <summary><c>prepare/videos</c>: the recorded ones where the goldens have them, and clips made here.</summary>
public sealed class VideoParityTests
{
    private const string Entries =
        """
        [
          {"file": "clip.mp4", "settings": {"nframes": 6, "min_pixels": 3136, "max_pixels": 50176, "video_start": 1.0}},
          {"file": "clip.mp4", "settings": {"fps": 5.0, "max_frames": 8}},
          {"file": "clip.mp4", "settings": {"nframes": 64}}
        ]
        """;

    private Clips clips = null!;

    [SetUp]
    public void Open() => clips = new Clips();

    [TearDown]
    public void Close() => clips?.Dispose(); // null where the fixture is skipped

    [Test]
    public void Videos_AreAsRecorded()
    {
        var videos = Goldens.PathOf("prepare", "videos");
        Assume.That(Directory.Exists(videos), "These goldens carry no videos.");

        var root = Folder("recorded");
        foreach (var file in Directory.GetFiles(videos))
        {
            File.Copy(file, Path.Combine(root, "prepare", "videos", Path.GetFileName(file)));
        }

        var rows = ParitySuite.Run(root).ToList();

        rows.Should().Contain(r => r.Quantity == "0.first (99%)").And.NotContain(r => r.Status != ParityStatus.Within);
    }

    [Test]
    public void Dump_IsARecording_ThatAgreesWithItself()
    {
        var (asked, dumped) = (Folder("asked"), Folder("dumped"));
        File.WriteAllText(Path.Combine(asked, "prepare", "videos", "videos.json"), Entries);
        File.Copy(clips.Grey("clip.mp4"), Path.Combine(asked, "prepare", "videos", "clip.mp4"));
        File.Copy(clips.PathOf("clip.mp4"), Path.Combine(dumped, "prepare", "videos", "clip.mp4"));

        _ = ParitySuite.Run(asked, dumped).ToList();
        var rows = ParitySuite.Run(dumped).ToList();

        rows.Should().NotContain(r => r.Status != ParityStatus.Within);
        rows.Select(r => r.Quantity).Should().Contain(
            ["0 clip.mp4 frames", "0.first (99%)", "1.last (99%)", "1 clip.mp4 second_per_grid", "2 clip.mp4 refused"]);
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(dumped, "prepare", "videos", "videos.json")));
        json.RootElement[0].EnumerateObject().Select(p => p.Name).Should().BeEquivalentTo(
            "file", "settings", "frames", "sample_fps", "second_per_grid", "resized", "total_frames", "fps");
        json.RootElement[0].GetProperty("settings").EnumerateObject().Select(p => p.Name).Should().Equal(
            "nframes", "min_pixels", "max_pixels", "video_start");
        json.RootElement[2].EnumerateObject().Select(p => p.Name).Should().BeEquivalentTo("file", "settings", "refused");
    }

    [Test]
    public void Settings_WithAnUnknownName_AreRefused()
    {
        var root = Folder("unknown");
        File.WriteAllText(
            Path.Combine(root, "prepare", "videos", "videos.json"), """[{"file": "x.mp4", "settings": {"frames": 4}}]""");

        var run = () => ParitySuite.Run(root).ToList();

        run.Should().Throw<InvalidDataException>().WithMessage("*videos.json*frames*");
    }

    private string Folder(string name)
    {
        var root = clips.PathOf(name);
        Directory.CreateDirectory(Path.Combine(root, "prepare", "videos"));
        return root;
    }
}
