using ActivationReplay.Checkpoints;
using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Training;
using ActivationReplay.Training.Tasks.Clips;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Training;

/// <summary>The embedded pair for clips.</summary>
public sealed class ClipsPairTests
{
    // Its card: greedy 0.8 of the clip, under 0.6 of other frames; 50 questions are within 0.1 of that.
    [Test]
    public void Rlvr_AnswersByTheClip_NotByOneFrame_NorByFramesInAnotherOrder()
    {
        using var pair = CheckpointPair.Open(Path.Combine(Goldens.Repository, "ablations", "pairs", "clips"));
        using var model = QwenVlModel.Load(pair.Rlvr);
        var processor = Processor.Load(pair.RlvrProcessorFolder, pair.Rlvr.Config);

        Score(FrameOrder.Own).Should().BeGreaterThan(0.7);
        Score(FrameOrder.OneFrame).Should().BeLessThan(0.6);
        Score(FrameOrder.Shuffled).Should().BeLessThan(0.6);

        double Score(FrameOrder order) => PairExam.Run(
            [model],
            processor,
            pair.Rlvr.EosTokenIds,
            [.. TaskProblems.ClipProblems("test", 50, 20261124).Select(p => p.ToSample(order))],
            new GenerationSettings { MaxNewTokens = 32 },
            default,
            CancellationToken.None).Average(r => r.Greedy);
    }

    [Test]
    public void Models_AreOfAtMostFourMegabytes()
    {
        foreach (var role in new[] { "base", "rlvr" })
        {
            Directory.EnumerateFiles(Path.Combine(Goldens.Repository, "ablations", "pairs", "clips", role)).Sum(f => new FileInfo(f).Length)
                .Should().BeLessThan(4_000_000);
        }
    }
}
