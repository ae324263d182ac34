using System.CommandLine;
using System.Globalization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Planning;
using ActivationReplay.Checkpoints;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Native;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Objective;
using ActivationReplay.Text;
using ActivationReplay.Vision;
using Spectre.Console;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>replay IMAGE QUESTION</c>, or a video in the picture's place: the answers of base, RLVR and a method side by side, and its loss curve.</summary>
internal sealed class ReplayCommand
{
    private readonly Argument<string> image = new("IMAGE") { Description = "A PNG, JPEG, WebP, GIF or BMP file, or a video (.mp4, .mkv, …)." };
    private readonly Argument<string> question = new("QUESTION") { Description = "The question about it." };
    private readonly ModelOptions models = new();
    private readonly ReplayOptions replay = new();
    private readonly GenerationOptions generation = new();
    private readonly KeyOptions video = KeyOptions.Of("video");

    public static Command Create()
    {
        var one = new ReplayCommand();
        var command = new Command("replay", "Ask base, RLVR, and RLVR with Activation Replay or another method one question about one picture or video.")
        {
            one.image,
            one.question,
        };
        one.models.AddTo(command);
        one.replay.AddTo(command);
        one.generation.AddTo(command);
        one.video.AddTo(command);
        command.SetAction((parsed, cancel) => Task.FromResult(one.Run(parsed, cancel)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancel)
    {
        var answers = generation.Read(parsed);
        var config = models.Read(parsed);
        var asked = Question.Of(
            Medium(parsed.GetRequiredValue(image), VideoKeys.Read(video.Keys(parsed))), new TextPart(parsed.GetRequiredValue(question)));
        AskedMethod method;
        PairDevices.Parse(config.Device).Open();
        using (var checkpoints = CheckpointPair.Open(config.Base, config.Rlvr))
        {
            method = replay.Read(parsed, checkpoints.Base.Config.Text.Layers, answers.Seed);
            CheckMemory(config, checkpoints, asked, method, answers);
        }

        using var pair = ModelOptions.Load(config);
        foreach (var note in pair.Notes)
        {
            CommandLine.Output.MarkupLineInterpolated($"[yellow]note:[/] {note}");
        }

        var compared = pair.Answers(asked, ["base", "none", method], answers, cancel: cancel);
        var table = new Table().Expand();
        table.AddColumns("base", "RLVR", method.Method == "replay" ? "RLVR with Activation Replay" : method.Method);
        table.AddRow([.. compared.Select(Cell)]);
        CommandLine.Output.Write(table);
        if (compared[^1].Loop is not { } loop)
        {
            return ExitCode.Success;
        }

        PrintCurve(loop, compared[^1].VisualTokens);
        return loop.Status == OptimisationStatus.Finished ? ExitCode.Success : ExitCode.RowsFailed;
    }

    // One question whose answers are all decoded together.
    private static void CheckMemory(
        PairConfig config, CheckpointPair checkpoints, Question asked, AskedMethod method, GenerationSettings answers)
    {
        var run = new RunConfig
        {
            Name = "replay",
            Pair = config,
            Dataset = "",
            Generation = answers,
            Batch = 1,
            Cells = [.. new[] { "base", "none", method }.Select(m => CellOf(m, checkpoints.Base.Config.Text.Layers))],
        };
        var prompt = Processor.Load(checkpoints.BaseProcessorFolder, checkpoints.Base.Config).Measure(asked.Messages, asked.Limits);
        var budget = new MemoryBudget(MemoryLimit.Parse(config.Memory)!.Value, SystemMemory.Here);
        new MemoryGate(run, checkpoints, prompt, budget).Check(p => p.Of(p.Whole), MemoryWay.Of(run, prompt, withPixels: null, budget));
    }

    private static Cell CellOf(AskedMethod asked, int layers)
    {
        var method = ReplayMethods.Get(asked.Method);
        return new Cell(method.Id, method, asked.Settings ?? method.Defaults(layers));
    }

    private static ContentPart Medium(string path, VideoSettings videos) => MediaNames.IsVideo(path)
        ? VideoPart.FromFile(path, videos.Sampling)
        : new ImagePart(MediaFile.FromPath(path));

    private static string Cell(ReplayAnswer answer) => Markup.Escape(answer.Loop?.BrokenStep is { } step
        ? string.Create(CultureInfo.InvariantCulture, $"diverged: the loss is not finite at step {step}; lower the learning rate")
        : string.Join("\n\n", answer.Answers.Select(a => a.Text + (a.Finished ? "" : " …"))));

    private static void PrintCurve(OptimisationTrace trace, int visualTokens)
    {
        CommandLine.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"loss before each of {trace.Losses.Count} steps (nats a learnable token), {visualTokens} visual tokens, "
            + $"{trace.Seconds:0.00} s, {trace.Status}"));
        var largest = trace.Losses.Max();
        foreach (var (step, loss) in trace.Losses.Index())
        {
            var bar = double.IsFinite(largest) && largest > 0 ? new string('█', (int)Math.Round(40 * loss / largest)) : "";
            CommandLine.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{step,4} {loss,12:0.000000} {bar}"));
        }
    }
}
