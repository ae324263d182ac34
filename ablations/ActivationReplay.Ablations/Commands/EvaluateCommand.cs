using System.CommandLine;
using System.Globalization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Outputs;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Checkpoints;
using ActivationReplay.Evaluation.Agents;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Files;
using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Training;
using ActivationReplay.Training.Tasks;
using ActivationReplay.Training.Tasks.Clips;
using ActivationReplay.Training.Tasks.Zooming;
using Spectre.Console;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>evaluate</c>: pass@k and greedy accuracy of both models of a pair, by family, with paired intervals.</summary>
internal sealed class EvaluateCommand
{
    private const int MaxNewTokens = 64;

    // Of a conversation.
    private const int MaxTurns = 4;

    private static readonly Dictionary<string, FrameOrder> s_frames = new()
    {
        ["own"] = FrameOrder.Own,
        ["shuffled"] = FrameOrder.Shuffled,
        ["single"] = FrameOrder.OneFrame,
    };

    private readonly Option<string> task = new Option<string>("--task")
    {
        Description = "The task; with zooming, questions are answered in conversations with a tool.",
        DefaultValueFactory = _ => TaskProblems.Counting,
    }.AcceptOnlyFromAmong([.. TaskProblems.Tasks]);

    private readonly Option<string> tool = new Option<string>("--tool")
    {
        Description = "With --task zooming: the tool, or none, so that the question is answered from the picture as it is seen.",
        DefaultValueFactory = _ => AgentTools.Names[0],
    }.AcceptOnlyFromAmong([.. AgentTools.Names]);

    private readonly Option<string> frames = new Option<string>("--frames")
    {
        Description = "With --task clips: the clip's own frames, or as a control all of them shuffled, or a single one in place of all.",
        DefaultValueFactory = _ => s_frames.First().Key,
    }.AcceptOnlyFromAmong([.. s_frames.Keys]);

    private readonly Option<string?> pair = new("--pair", "-p") { Description = "Folder with base/ and rlvr/, or a pulled model of the hub that has both; default: the task's embedded pair." };

    private readonly Option<string?> dataset = new("--dataset", "-d") { Description = "A data set's file; default: problems made from --split, --count and --seed." };

    private readonly Option<string> split = new Option<string>("--split")
    {
        Description = "Which problems of the task.",
        DefaultValueFactory = _ => "test",
    }.AcceptOnlyFromAmong([.. SceneSplits.Names]);

    private readonly Option<int> count = new("--count") { Description = "How many problems.", DefaultValueFactory = _ => 400 };

    private readonly Option<ulong> problemSeed = new("--seed") { Description = "Seed of the problems.", DefaultValueFactory = _ => TaskDataset.DefaultSeed };

    private readonly Option<int> samples = new("--samples", "-n") { Description = "Answers to each question.", DefaultValueFactory = _ => 32 };

    private readonly Option<double> temperature = new("--temperature") { Description = "Of the answers.", DefaultValueFactory = _ => 1 };

    private readonly Option<ulong[]> draws = new("--draws")
    {
        Description = "Seeds of the answers, one table each.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [0],
    };

    private readonly Option<string?> output = new("--out", "-o") { Description = "Folder for pass-DRAW.csv and questions-DRAW.csv of each draw, and, of several answers, passk.png and passk-difference.png." };

    private readonly Option<bool> overwrite = Overwrite.Option();

    public static Command Create()
    {
        var evaluate = new EvaluateCommand();
        var command = new Command("evaluate", "Answer questions n times with base and RLVR; pass@k, greedy, by family.")
        {
            evaluate.task, evaluate.tool, evaluate.frames, evaluate.pair, evaluate.dataset, evaluate.split, evaluate.count, evaluate.problemSeed,
            evaluate.samples, evaluate.temperature, evaluate.draws, evaluate.output, evaluate.overwrite,
        };
        command.SetAction((parsed, cancel) => Task.FromResult(evaluate.Run(parsed, cancel)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancel)
    {
        using var files = parsed.GetValue(output) is { } path
            ? OutputFolder.Open("--out", path, "evaluate", CommandLines.Of(parsed), parsed.GetValue(overwrite), keepUnfinished: true)
            : null;
        Native.Libtorch.Load();
        set_num_threads(1);
        using var checkpoints = CheckpointPair.Open(
            parsed.GetValue(pair) ?? RepositoryPaths.Find("ablations", "pairs", parsed.GetRequiredValue(task)), ScalarType.Float32);
        var examine = ExamOf(parsed, cancel);
        var results = new List<(ulong, IReadOnlyList<PassRow>)>();
        foreach (var draw in parsed.GetRequiredValue(draws))
        {
            var settings = new GenerationSettings
            {
                MaxNewTokens = MaxNewTokens,
                Temperature = parsed.GetRequiredValue(temperature),
                Samples = parsed.GetRequiredValue(samples),
                Seed = draw << 32,
            };
            var ofBase = Examine(checkpoints.Base, checkpoints.BaseProcessorFolder);
            var ofRlvr = Examine(checkpoints.Rlvr, checkpoints.RlvrProcessorFolder);
            var rows = PassRow.All(ofBase, ofRlvr);
            Print(rows, draw);
            results.Add((draw, rows));
            if (files is not null)
            {
                Write(files.Path, draw, rows, ofBase, ofRlvr);
                foreach (var figure in PassPlot.Of(results))
                {
                    AtomicFile.WriteBytes(Path.Combine(files.Path, $"{figure.Name}.png"), figure.Draw(PlotTheme.Light));
                }
            }

            IReadOnlyList<ExamRow> Examine(Checkpoint checkpoint, string processor)
            {
                QwenVlModel[] models = [.. Enumerable.Range(0, Math.Min(2, Environment.ProcessorCount)).Select(_ => QwenVlModel.Load(checkpoint))];
                var rows = examine(models, Processor.Load(processor, checkpoint.Config), checkpoint.EosTokenIds, settings);
                foreach (var model in models)
                {
                    model.Dispose();
                }

                return rows;
            }
        }

        files?.Commit();
        return ExitCode.Success;
    }

    private delegate IReadOnlyList<ExamRow> Exam(
        IReadOnlyList<QwenVlModel> models, Processor processor, IReadOnlyList<int> stopIds, GenerationSettings settings);

    private Exam ExamOf(ParseResult parsed, CancellationToken cancel)
    {
        var (name, part) = (parsed.GetRequiredValue(task), parsed.GetRequiredValue(split));
        var (number, seed) = (parsed.GetRequiredValue(count), parsed.GetRequiredValue(problemSeed));
        var rows = parsed.GetValue(dataset) is { } path ? Rows(path) : null;
        var order = s_frames[parsed.GetRequiredValue(frames)];
        if (order != FrameOrder.Own && (name != TaskProblems.Clips || rows is not null))
        {
            throw new ArgumentException($"--frames {parsed.GetRequiredValue(frames)} is for the problems of --task clips, without --dataset.");
        }

        if (name == TaskProblems.Zooming)
        {
            AgentExamQuestion[] asked = rows is null
                ? [.. TaskProblems.ZoomProblems(part, number, seed).Select(AgentExamQuestion.Of)]
                : [.. rows.Select(sample => new AgentExamQuestion(sample, null))];
            var prompt = AgentTools.Get(parsed.GetRequiredValue(tool)) is null ? ZoomPrompt.WithoutTool : ZoomPrompt.WithTool;
            return (models, processor, stopIds, settings) =>
                AgentExam.Run(models, processor, stopIds, asked, prompt, MaxTurns, settings, cancel);
        }

        var questions = rows ?? (name == TaskProblems.Clips
            ? [.. TaskProblems.ClipProblems(part, number, seed).Select(p => p.ToSample(order))]
            : [.. TaskProblems.Samples(name, part, number, seed)]);
        var area = rows is null ? TaskProblems.Pixels(name, part) : null;
        return (models, processor, stopIds, settings) =>
            PairExam.Run(models, processor, stopIds, questions, settings, new PixelLimits(area, area), cancel);
    }

    private static IReadOnlyList<Sample> Rows(string path)
    {
        var rows = QuestionFile.Open(path, null);
        var bad = rows.FirstOrDefault(r => r.Error is not null);
        return bad is null ? [.. rows.Select(r => r.Sample!)] : throw new DatasetException(path, bad.Error!);
    }

    private static void Print(IReadOnlyList<PassRow> rows, ulong draw)
    {
        var table = new Table().AddColumns("family", "measure", "base [[95%]]", "RLVR [[95%]]", "RLVR − base [[95%]]");
        foreach (var row in rows)
        {
            table.AddRow(
                row.Family,
                row.Measure,
                Text($"{row.Base:0.000} [[{row.BaseLow:0.000}, {row.BaseHigh:0.000}]]"),
                Text($"{row.Rlvr:0.000} [[{row.RlvrLow:0.000}, {row.RlvrHigh:0.000}]]"),
                Text($"{row.Difference:+0.000;-0.000;0.000} [[{row.DifferenceLow:+0.000;-0.000;0.000}, {row.DifferenceHigh:+0.000;-0.000;0.000}]]"));
        }

        CommandLine.Output.WriteLine(Text($"draw {draw}: {rows[0].Questions} questions"));
        CommandLine.Output.Write(table);

        static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
    }

    private static void Write(
        string folder, ulong draw, IReadOnlyList<PassRow> rows, IReadOnlyList<ExamRow> ofBase, IReadOnlyList<ExamRow> ofRlvr)
    {
        CsvTable.Write(Path.Combine(folder, FormattableString.Invariant($"pass-{draw}.csv")), rows);
        CsvTable.Write(Path.Combine(folder, FormattableString.Invariant($"questions-{draw}.csv")), ofBase.Zip(ofRlvr, (b, r) =>
            new QuestionRow(b.Id, b.Family, b.Scores.Count, b.Scores.Sum(), r.Scores.Sum(), b.Greedy, r.Greedy)));
    }

    private sealed record QuestionRow(
        string Id, string Family, int Answers, double BaseCorrect, double RlvrCorrect, double BaseGreedy, double RlvrGreedy);
}
