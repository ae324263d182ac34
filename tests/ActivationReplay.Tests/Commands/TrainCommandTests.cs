using ActivationReplay.Ablations.Commands;
using ActivationReplay.Tests.Checkpoints;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary><c>train</c> as the command line has it.</summary>
public sealed class TrainCommandTests : CommandTest
{
    [Test]
    public async Task Grpo_OfFewerSteps_EndsThere_AndKeepsThemWithItsSettings()
    {
        var from = Path.Combine(Goldens.Repository, "ablations", "pairs", "counting", "rlvr");
        FolderCopy.Make(from, Folder.PathOf("out", "base"));

        (await Invoke("train", "grpo", "--config", Recipe, "--products", "fp32", "--grpo-steps", "1", "--out", Folder.PathOf("out")))
            .Should().Be(ExitCode.Success, Errors);

        File.ReadAllLines(Folder.PathOf("out", "grpo.csv")).Should().HaveCount(2);
        File.ReadAllText(Folder.PathOf("out", "settings.json")).Should().Contain("\"grpo\":{\"steps\":1,");
        File.ReadAllBytes(Folder.PathOf("out", "rlvr", "model.safetensors")).Should().NotEqual(File.ReadAllBytes(Path.Combine(from, "model.safetensors")));
    }

    [TestCase("0")]
    [TestCase("-3")]
    public async Task Grpo_OfNoSteps_IsRefused(string steps)
    {
        (await Invoke("train", "grpo", "--config", Recipe, "--grpo-steps", steps, "--out", Folder.PathOf("out"))).Should().Be(ExitCode.Usage);
        Errors.Should().Contain("--grpo-steps must be at least 1").And.NotContain("   at ");
        Directory.Exists(Folder.PathOf("out")).Should().BeFalse();
    }

    [Test]
    public async Task GrpoSteps_OfTheSupervisedStage_AreRefused()
    {
        (await Invoke("train", "sft", "--config", Recipe, "--grpo-steps", "3", "--out", Folder.PathOf("out"))).Should().Be(ExitCode.Usage);
        Errors.Should().Contain("--grpo-steps is of 'grpo' and 'all'").And.NotContain("   at ");
        Directory.Exists(Folder.PathOf("out")).Should().BeFalse();
    }

    private static string Recipe => Path.Combine(Goldens.Repository, "ablations", "configs", "train-counting-narrowed.json");
}
