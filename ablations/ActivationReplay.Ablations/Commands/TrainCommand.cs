using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Training;
using ActivationReplay.Training.Data;
using ActivationReplay.Training.Stages;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>train sft|grpo|all</c>: trains a pair from a configuration.</summary>
internal sealed class TrainCommand
{
    private readonly Argument<string> stage = new Argument<string>("STAGE")
    {
        Description = "sft makes OUT/base, grpo makes OUT/rlvr from it, all does both.",
    }.AcceptOnlyFromAmong("sft", "grpo", "all");

    private readonly Option<string> config = new("--config", "-c")
    {
        Description = "A JSON file; see ablations/configs/train-counting.json, train-zooming.json and train-clips.json.",
        DefaultValueFactory = _ => RepositoryPaths.Find("ablations", "configs", "train-counting.json"),
    };

    private readonly Option<string> output = new("--out", "-o") { Description = "Folder of the run.", Required = true };

    private readonly Option<ulong?> seed = new("--seed") { Description = "In place of the configuration's seed: a further pair of the same recipe." };

    private readonly Option<ProductPrecision?> products = new("--products") { Description = "In place of the configuration's type of matrix products: auto, fp32 or bf16; bits differ between the two." };

    private readonly Option<int?> grpoSteps = new("--grpo-steps") { Description = "In place of the configuration's number of GRPO steps." };

    private readonly Option<bool> resume = new("--resume") { Description = "Go on with the run that OUT holds, step for step." };

    private readonly Stopwatch clock = new();
    private string current = "";
    private int firstStep;
    private TimeSpan nextReport;

    public static Command Create()
    {
        var train = new TrainCommand();
        var command = new Command("train", "Train a base and an RLVR model on a task.")
        {
            train.stage, train.config, train.output, train.seed, train.products, train.grpoSteps, train.resume,
        };
        train.grpoSteps.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < 1)
            {
                result.AddError("--grpo-steps must be at least 1.");
            }
        });
        command.Validators.Add(result =>
        {
            if (result.GetValue(train.grpoSteps) is not null && result.GetValue(train.stage) == "sft")
            {
                result.AddError("--grpo-steps is of 'grpo' and 'all'; 'sft' has no such steps.");
            }
        });
        command.SetAction((parsed, cancel) => Task.FromResult(train.Run(parsed, cancel)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancel)
    {
        var settings = TrainingConfig.Load(parsed.GetRequiredValue(config));
        settings = settings with
        {
            Seed = parsed.GetValue(seed) ?? settings.Seed,
            Products = parsed.GetValue(products) ?? settings.Products,
            Grpo = settings.Grpo with { Steps = parsed.GetValue(grpoSteps) ?? settings.Grpo.Steps },
        };
        Native.Libtorch.Load();
        // A thread a worker: parts of a batch side by side use the cores better than one operation on both.
        set_num_threads(1);
        var folder = parsed.GetRequiredValue(output);
        var run = new TrainingRun(settings, folder, parsed.GetValue(resume), Report);
        var stages = parsed.GetRequiredValue(stage);
        clock.Start();
        try
        {
            if (stages is "sft" or "all" && !run.IsBaseDone)
            {
                run.TrainBase(cancel);
            }

            if (stages is "grpo" or "all")
            {
                run.TrainRlvr(cancel);
            }
        }
        catch (Exception e) when (IsCancellation(e))
        {
            TrainingCurves.SaveAll(folder);
            Console.Error.WriteLine($"interrupted: --resume goes on with the run in {folder}");
            return ExitCode.Interrupted;
        }

        TrainingCurves.SaveAll(folder);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"done in {clock.Elapsed:h\\:mm\\:ss}: {folder}"));
        return ExitCode.Success;
    }

    private static bool IsCancellation(Exception e) =>
        e is OperationCanceledException || (e is AggregateException all && all.Flatten().InnerExceptions.All(IsCancellation));

    // A line every few seconds: a log stays readable, and a terminal shows how long it will take.
    private void Report(StageProgress progress)
    {
        if (current != progress.Stage)
        {
            (current, firstStep, nextReport) = (progress.Stage, progress.Step - 1, TimeSpan.Zero);
            clock.Restart();
        }

        if (clock.Elapsed < nextReport && progress.Step < progress.Steps && !progress.Status.StartsWith("validation", StringComparison.Ordinal))
        {
            return;
        }

        nextReport = clock.Elapsed + TimeSpan.FromSeconds(5);
        var done = Math.Max(1, progress.Step - firstStep);
        var left = clock.Elapsed * ((double)(progress.Steps - progress.Step) / done);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{progress.Stage} {progress.Step}/{progress.Steps}  {progress.Status}  {clock.Elapsed:h\\:mm\\:ss}, left {left:h\\:mm\\:ss}"));
    }
}
