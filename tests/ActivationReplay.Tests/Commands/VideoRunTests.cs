using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Tests.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary>From video files to tables, report and lens.</summary>
public sealed class VideoRunTests : CommandTest
{
    private Clips clips = null!;

    [SetUp]
    public void Open() => clips = new Clips();

    [TearDown]
    public void Close() => clips?.Dispose(); // null where the fixture is skipped

    [Test]
    public async Task Run_OnClips_AnswersScoresAndShowsThem()
    {
        clips.Grey("a.mp4", size: "84x84");
        clips.Grey("b.mp4", frames: 3, size: "84x84");
        clips.Write("bad.mp4", "no video"u8);
        File.WriteAllLines(Folder.PathOf("data.jsonl"),
        [
            """{"id": "way", "question": "how many red circles", "answer": "3", "videos": ["a.mp4"]}""",
            """{"id": "far", "question": "how many red circles", "answer": "4", "problem_type": "regression", "videos": ["b.mp4"]}""",
            """{"id": "bad", "question": "how many red circles", "answer": "3", "videos": ["bad.mp4"]}""",
        ]);
        var output = Folder.PathOf("out");

        (await Invoke("run", "quick", "--dataset", Folder.PathOf("data.jsonl"), "--video-root", Path.GetDirectoryName(clips.PathOf("a.mp4"))!,
            "--frames", "at-most 4", "--frame-pixels", "7056", "--methods", "replay,cross-model", "--set", "replay.iterations=2",
            "--set", "video.min-pixels=784", "--out", output)).Should().Be(ExitCode.RowsFailed, Errors);

        var rows = CsvTable.Read<SampleRow>(Path.Combine(output, "samples.csv"));
        rows.Where(r => r.Sample == "bad").Should().OnlyContain(r => r.Error!.Contains("bad.mp4: is no video that ffmpeg can read"));
        var good = rows.Where(r => r.Sample != "bad").ToList();
        good.Should().HaveCountGreaterThan(6).And.OnlyContain(r => r.Error == null);
        good.Should().OnlyContain(r => r.VisualTokens == 2 * 3 * 3); // two temporal steps
        good.Where(r => r.Sample == "far").Should().OnlyContain(r => r.Score != null);
        good.Where(r => r.Sample == "way").Should().OnlyContain(r => r.Score == null);
        good.Where(r => r.Cell == "replay").Should().OnlyContain(r => r.LossLast != null);

        // The same again computes nothing but the bad row.
        (await Invoke("run", "quick", "--dataset", Folder.PathOf("data.jsonl"), "--video-root", Path.GetDirectoryName(clips.PathOf("a.mp4"))!,
            "--frames", "at-most 4", "--frame-pixels", "7056", "--methods", "replay,cross-model", "--set", "replay.iterations=2",
            "--set", "video.min-pixels=784", "--out", output)).Should().Be(ExitCode.RowsFailed, Errors);
        CsvTable.Read<SampleRow>(Path.Combine(output, "samples.csv")).Should().HaveCount(rows.Count);
        File.ReadAllText(Path.Combine(output, "report.html")).Should().Contain("<html");
    }

    [Test]
    public async Task Lens_OfAVideo_DrawsEachTemporalStep()
    {
        var output = Folder.PathOf("lens");

        (await Invoke("lens", "--video", clips.Grey("a.mp4", size: "84x84"), "--question", "how many", "--frames", "4", "--out", output))
            .Should().Be(ExitCode.Success, Errors);

        foreach (var name in new[] { "entropy-1.png", "entropy-2.png", "kl-1.png", "kl-2.png", "tokens.csv" })
        {
            File.Exists(Path.Combine(output, name)).Should().BeTrue(name);
        }

        File.Exists(Path.Combine(output, "entropy-3.png")).Should().BeFalse();
    }

    [Test]
    public async Task Replay_OfAVideo_Answers() =>
        (await Invoke("replay", clips.Grey("a.mp4", size: "84x84"), "how many", "--frames", "4", "--iterations", "2", "--max-new-tokens", "2"))
            .Should().Be(ExitCode.Success, Errors);

    [TestCase("--frames", "1", "*whole number from 2*at-most*")]
    [TestCase("--frames", "at-most", "*at-most*")]
    [TestCase("--frames", "5000", "*2048*")]
    [TestCase("--fps", "0", "*above 0*")]
    public async Task Replay_OfABadSetting_NamesWhatIsAllowed(string option, string value, string message)
    {
        (await Invoke("replay", clips.PathOf("a.mp4"), "how many", option, value)).Should().Be(ExitCode.Usage);
        Errors.Should().Match(message);
    }
}
