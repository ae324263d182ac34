using ActivationReplay.Checkpoints;
using ActivationReplay.Models;
using ActivationReplay.Tests.Checkpoints;
using ActivationReplay.Training;
using ActivationReplay.Training.Data;
using ActivationReplay.Training.Stages;
using ActivationReplay.Training.Tasks;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Training;

/// <summary>Both stages in a reduced form.</summary>
[NonParallelizable]
public sealed class TrainingRunTests
{
    private string folder = "";
    private int threads;

    [SetUp]
    public void MakeFolder()
    {
        folder = Directory.CreateTempSubdirectory("training").FullName;
        threads = get_num_threads();
        set_num_threads(1);
    }

    [TearDown]
    public void RemoveFolder()
    {
        set_num_threads(threads);
        Directory.Delete(folder, recursive: true);
    }

    [Test]
    public void Train_Reduced_LowersLossRaisesRewardAndWritesAPair()
    {
        var run = new TrainingRun(Config(steps: 120, grpo: 12), folder, resume: false, _ => { });
        run.TrainBase(CancellationToken.None);
        run.TrainRlvr(CancellationToken.None);

        Column("vision.csv", "accuracy")[^1].Should().BeGreaterThan(0.9);
        var losses = Column("supervised.csv", "loss");
        losses[^1].Should().BeLessThan(losses[0] / 3);
        var rewards = Column("grpo.csv", "reward");
        rewards.Skip(8).Average().Should().BeGreaterThan(rewards.Take(4).Average());

        using var pair = CheckpointPair.Open(folder);
        pair.Base.Type.Should().Be(ScalarType.BFloat16);
        using var model = QwenVlModel.Load(pair.Base);
        using var rlvr = QwenVlModel.Load(pair.Rlvr);
        model.HeadWeight.allclose(rlvr.HeadWeight).Should().BeFalse();
    }

    [Test]
    public void Resume_AfterAnInterruption_GivesTheUninterruptedRun([Values] TrainedTask task)
    {
        // What is learnt does not matter here.
        var config = Config(steps: 5, grpo: 0, task) with { Vision = new VisionSettings { Steps = 4, Pictures = 8 }, Bank = 16 };
        new TrainingRun(config, Path.Combine(folder, "whole"), resume: false, _ => { }).TrainBase(CancellationToken.None);

        using var interrupt = new CancellationTokenSource();
        var parts = Path.Combine(folder, "parts");
        var first = () => new TrainingRun(config, parts, resume: false, p =>
        {
            if (p.Stage == "supervised" && p.Step == 3)
            {
                interrupt.Cancel();
            }
        }).TrainBase(interrupt.Token);
        first.Should().Throw<OperationCanceledException>();
        new TrainingRun(config, parts, resume: true, _ => { }).TrainBase(CancellationToken.None);

        File.ReadAllBytes(Path.Combine(parts, "base", "model.safetensors"))
            .Should().Equal(File.ReadAllBytes(Path.Combine(folder, "whole", "base", "model.safetensors")));
    }

    // From the embedded base: one that was trained in seconds earns nothing in conversations or about clips, and nothing would move.
    [Test]
    public void Grpo_FromAnEmbeddedBase_MovesTheWeights_AndResumesStepForStep([Values] TrainedTask task)
    {
        var config = Config(steps: 0, grpo: 3, task);
        config = config with
        {
            Grpo = task == TrainedTask.Counting
                ? config.Grpo with { Prompts = 6, Answers = 4, Stop = new StoppingRule { Every = 1, Problems = 4, Answers = 4 } }
                : config.Grpo with { Prompts = 6, Answers = 4, MaxNewTokens = 24 },
        };
        string[] runs = [Path.Combine(folder, "whole"), Path.Combine(folder, "parts")];
        foreach (var run in runs)
        {
            FolderCopy.Make(Path.Combine(Goldens.Repository, "ablations", "pairs", task.ToString().ToLowerInvariant(), "base"), Path.Combine(run, "base"));
        }

        new TrainingRun(config, runs[0], resume: false, _ => { }).TrainRlvr(CancellationToken.None);
        using var interrupt = new CancellationTokenSource();
        var first = () => new TrainingRun(config, runs[1], resume: false, p =>
        {
            if (p is { Stage: "grpo", Step: 2 })
            {
                interrupt.Cancel();
            }
        }).TrainRlvr(interrupt.Token);
        first.Should().Throw<OperationCanceledException>();
        new TrainingRun(config, runs[1], resume: true, _ => { }).TrainRlvr(CancellationToken.None);

        byte[][] weights = [.. runs.Select(run => File.ReadAllBytes(Path.Combine(run, "rlvr", "model.safetensors")))];
        weights[0].Should().NotEqual(File.ReadAllBytes(Path.Combine(runs[0], "base", "model.safetensors")));
        weights[1].Should().Equal(weights[0]);
        if (task == TrainedTask.Counting)
        {
            WithoutSeconds(runs[1]).Should().Equal(WithoutSeconds(runs[0])).And.HaveCountGreaterThan(3, "it is validated after each step");
        }

        static IEnumerable<string> WithoutSeconds(string run) =>
            File.ReadLines(Path.Combine(run, "grpo-validation.csv")).Select(l => l[..l.LastIndexOf(',')]);
    }

    [Test]
    public void Run_InAFolderThatHoldsOne_IsRefused()
    {
        Directory.CreateDirectory(Path.Combine(folder, "state"));
        var again = () => new TrainingRun(Config(1, 0), folder, resume: false, _ => { });
        again.Should().Throw<ArgumentException>().WithMessage($"{folder}*resume*");
    }

    [Test]
    public void Run_InAFolderThatHoldsSomethingElse_IsRefused_ResumedOrNot([Values] bool resume)
    {
        File.WriteAllText(Path.Combine(folder, "thesis.tex"), "mine");
        var run = () => new TrainingRun(Config(1, 0), folder, resume, _ => { });

        run.Should().Throw<ArgumentException>().WithMessage($"{folder} holds no training run, but thesis.tex*");

        Directory.GetFileSystemEntries(folder).Should().ContainSingle();
    }

    [Test]
    public void Resume_WithOtherSettings_IsRefused_AndKeepsThoseThatAreThere()
    {
        _ = new TrainingRun(Config(1, 0), folder, resume: false, _ => { });
        var settings = File.ReadAllText(Path.Combine(folder, "settings.json"));
        var other = () => new TrainingRun(Config(2, 0), folder, resume: true, _ => { });

        other.Should().Throw<ArgumentException>().WithMessage("*settings.json is of another configuration*");

        File.ReadAllText(Path.Combine(folder, "settings.json")).Should().Be(settings);
    }

    [Test]
    public void TrainBase_WhereABaseModelStands_IsRefused()
    {
        Directory.CreateDirectory(Path.Combine(folder, "base"));
        File.WriteAllText(Path.Combine(folder, "base", "model.safetensors"), "mine");
        var run = new TrainingRun(Config(1, 0), folder, resume: false, _ => { });

        run.Invoking(r => r.TrainBase(CancellationToken.None)).Should().Throw<ArgumentException>().WithMessage("*base holds a model already*");

        File.ReadAllText(Path.Combine(folder, "base", "model.safetensors")).Should().Be("mine");
    }

    [TestCase("sede", "\"sede\": 2")]
    [TestCase("$.polish.bank", "\"polish\": { \"bank\": 5 }")] // both stages share the run's bank
    public void Config_WithAnUnknownKey_NamesIt(string key, string json)
    {
        var path = Path.Combine(folder, "bad.json");
        File.WriteAllText(path, $$"""{ "seed": 1, "model": "m", {{json}} }""");
        var load = () => TrainingConfig.Load(path);
        load.Should().Throw<TrainingConfigException>().WithMessage($"{path}*{key}*");
    }

    private static TrainingConfig Config(int steps, int grpo, TrainedTask task = TrainedTask.Counting) => new()
    {
        Seed = 3,
        Model = Path.Combine(Goldens.Repository, "ablations", "configs", $"{task.ToString().ToLowerInvariant()}-model"),
        Task = task,
        Products = ProductPrecision.Fp32, // whole and resumed runs compare bit for bit
        // Few objects: counts are small, so that a short run learns something to reward.
        Scenes = new SceneSettings { LeastObjects = 4, MostObjects = 6, LeastDigits = 1, MostDigits = 2 },
        Vision = new VisionSettings { Steps = 30, Pictures = 16 },
        Bank = 64,
        Supervised = new SupervisedSettings
        {
            Steps = steps,
            Pictures = 8,
            Rate = new LearningRate { Peak = 2e-3, WarmUp = 10, Last = 0.1 },
        },
        Grpo = new GrpoSettings
        {
            Steps = grpo,
            Prompts = 24,
            Rate = new LearningRate { Peak = 3e-4, WarmUp = 2, Last = 1 },
            Stop = new StoppingRule { Problems = 0 },
        },
    };

    private List<double> Column(string file, string name)
    {
        var lines = File.ReadAllLines(Path.Combine(folder, file));
        var index = Array.IndexOf(lines[0].Split(','), name);
        return [.. lines.Skip(1).Select(l => double.Parse(l.Split(',')[index], System.Globalization.CultureInfo.InvariantCulture))];
    }
}
