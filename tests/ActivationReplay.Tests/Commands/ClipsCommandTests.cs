using ActivationReplay.Ablations.Commands;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary>From problems about clips to MP4 files, and from these to scores.</summary>
public sealed class ClipsCommandTests : CommandTest
{
    [Test]
    public async Task MakeDataset_OfClips_WritesFilesThatEvaluateAnswersLikeThoseInMemory()
    {
        Assume.That(new VideoReader().IsAvailable, "ffmpeg and ffprobe are not installed.");
        (await Invoke("make-dataset", "--task", "clips", "--count", "5", "--out", Folder.PathOf("d"))).Should().Be(ExitCode.Success, Errors);
        Directory.GetFiles(Folder.PathOf("d", "clips"), "*.mp4").Should().HaveCount(5);

        string[] evaluate = ["evaluate", "--task", "clips", "--samples", "1"];
        (await Invoke([.. evaluate, "--dataset", Folder.PathOf("d", "samples.jsonl"), "--out", Folder.PathOf("files")])).Should().Be(ExitCode.Success, Errors);
        (await Invoke([.. evaluate, "--count", "5", "--out", Folder.PathOf("memory")])).Should().Be(ExitCode.Success, Errors);

        File.ReadAllText(Folder.PathOf("files", "questions-0.csv")).Should().Be(File.ReadAllText(Folder.PathOf("memory", "questions-0.csv")));
    }

    [TestCase("--task", "counting")]
    [TestCase("--task", "clips", "--dataset", "samples.jsonl")]
    public async Task Evaluate_OfOtherFrames_WhereThereAreNone_IsBadUsage(params string[] options)
    {
        File.WriteAllText(Folder.PathOf("samples.jsonl"), """{"question": "How many?", "answer": "1", "images": ["a.png"]}""");
        string[] located = [.. options.Select(o => o == "samples.jsonl" ? Folder.PathOf(o) : o)];

        (await Invoke(["evaluate", .. located, "--frames", "shuffled", "--count", "1", "--samples", "1"])).Should().Be(ExitCode.Usage);

        Errors.Should().Contain("--frames shuffled is for the problems of --task clips, without --dataset");
    }
}
