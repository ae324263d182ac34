using System.CommandLine;
using System.Globalization;
using ActivationReplay.Ablations.Runs;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Replay;
using Spectre.Console;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>run</c>: base, RLVR and RLVR with Activation Replay on a data set, to CSV.</summary>
internal sealed class RunCommand
{
    private readonly ModelOptions models = new();
    private readonly ReplayOptions replay = new();
    private readonly GenerationOptions generation = new();

    private readonly Option<string> dataset = DatasetOptions.Path();

    private readonly Option<string[]> methods = new Option<string[]>("--methods", "-m")
    {
        Description = "What to compare, a cell each.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => ["base", "none", "replay"],
    }.AcceptOnlyFromAmong([.. ReplayMethods.Ids]);

    private readonly Option<string?> systemPrompt = new("--system-prompt-file") { Description = "A file whose text is the system message." };

    private readonly Option<int?> limit = DatasetOptions.Limit();

    private readonly Option<string?> output = new("--out", "-o") { Description = "New folder for the CSV files; default results/run-TIME." };

    public static Command Create()
    {
        var run = new RunCommand();
        var command = new Command("run", "Answer a data set with base, RLVR, and RLVR with Activation Replay; write cells.csv and samples.csv.");
        run.models.AddTo(command);
        command.Options.Add(run.dataset);
        command.Options.Add(run.methods);
        command.Options.Add(run.systemPrompt);
        run.replay.AddTo(command);
        run.generation.AddTo(command);
        command.Options.Add(run.limit);
        command.Options.Add(run.output);
        command.SetAction((parsed, cancel) => Task.FromResult(run.Run(parsed, cancel)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancel)
    {
        var answers = generation.Read(parsed);
        var settings = replay.Read(parsed, answers.Seed);
        var path = parsed.GetRequiredValue(dataset);
        var rows = DatasetOptions.Read(path, parsed.GetValue(limit));
        var folder = parsed.GetValue(output) ?? RepositoryPaths.Find("results", $"run-{DateTime.Now:yyyyMMdd-HHmmss}");
        if (File.Exists(Path.Combine(folder, "samples.csv")))
        {
            throw new ArgumentException($"--out {folder}: it holds a run already; name a new folder.");
        }

        var prompt = parsed.GetValue(systemPrompt) is { } file ? File.ReadAllText(file).TrimEnd('\n') : null;
        using var pair = models.Load(parsed);
        var plan = new RunPlan(
            [.. parsed.GetRequiredValue(methods).Distinct()],
            settings,
            answers,
            parsed.GetRequiredValue(models.Dtype),
            parsed.GetRequiredValue(models.Device),
            pair.Checkpoints.Base.Folder,
            pair.Checkpoints.Rlvr.Folder,
            path,
            prompt);
        foreach (var method in plan.Methods)
        {
            ReplayMethods.Get(method).Check(settings, pair.Model(ModelRole.Rlvr).Layers);
        }

        foreach (var note in pair.Notes)
        {
            CommandLine.Output.MarkupLineInterpolated($"[yellow]note:[/] {note}");
        }

        Directory.CreateDirectory(folder);
        var done = Compute(new SampleRunner(pair, plan), rows, folder, cancel);
        var cells = Summarise(plan, done);
        using (var table = new CsvTable<CellRow>(Path.Combine(folder, "cells.csv")))
        {
            table.Add(cells);
        }

        Print(cells, folder);
        if (cancel.IsCancellationRequested)
        {
            Console.Error.WriteLine($"interrupted: {done.Select(r => r.Sample).Distinct().Count()} of {rows.Count} questions are in {folder}");
            return ExitCode.Interrupted;
        }

        return done.Exists(r => r.Error is not null) ? ExitCode.RowsFailed : ExitCode.Success;
    }

    private static List<SampleRow> Compute(SampleRunner runner, IReadOnlyList<DatasetRow> rows, string folder, CancellationToken cancel)
    {
        var done = new List<SampleRow>();
        using var table = new CsvTable<SampleRow>(Path.Combine(folder, "samples.csv"));
        using var losses = new CsvTable<LossRow>(Path.Combine(folder, "losses.csv"));
        CommandLine.Output.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(progress =>
            {
                var task = progress.AddTask("questions", maxValue: rows.Count);
                foreach (var row in rows)
                {
                    if (cancel.IsCancellationRequested)
                    {
                        return;
                    }

                    var results = runner.Run(row);
                    table.Add(results.Rows);
                    losses.Add(results.Losses);
                    done.AddRange(results.Rows);
                    task.Description = string.Join("  ", done.GroupBy(r => r.Cell).Select(g => string.Create(
                        CultureInfo.InvariantCulture, $"{g.Key} {g.Count(r => r.Correct == true)}/{g.Count()}")));
                    task.Increment(1);
                }
            });
        return done;
    }

    private static IReadOnlyList<CellRow> Summarise(RunPlan plan, List<SampleRow> rows)
    {
        var byCell = rows.ToLookup(r => r.Cell);
        return
        [
            .. plan.Methods.Select(method => CellRow.Summarise(
                method, [.. byCell[method]], [.. byCell["none"]], SettingColumns.Of(plan, method), plan.Generation.Seed)),
        ];
    }

    private static void Print(IReadOnlyList<CellRow> cells, string folder)
    {
        var table = new Table();
        foreach (var name in new[] { "cell", "n", "accuracy [[95%]]", "to RLVR [[95%]]", "loss, first → last", "tokens", "prepare, s", "generate, s", "errors", "diverged" })
        {
            table.AddColumn(new TableColumn(name).NoWrap());
        }

        foreach (var cell in cells)
        {
            table.AddRow(
                cell.Cell switch { "none" => "none (RLVR alone)", var name => name },
                Text($"{cell.Questions}"),
                Text($"{cell.Accuracy:0.000} [[{cell.AccuracyLow:0.000}, {cell.AccuracyHigh:0.000}]]"),
                cell.Difference is null ? "" : Text($"{cell.Difference:+0.000;-0.000} [[{cell.DifferenceLow:+0.000;-0.000}, {cell.DifferenceHigh:+0.000;-0.000}]]"),
                cell.LossFirst is null ? "" : Text($"{cell.LossFirst:0.00000} → {cell.LossLast:0.00000}"),
                Text($"{cell.NewTokens:0.0}"),
                Text($"{cell.SecondsPrepare:0.000}"),
                Text($"{cell.SecondsGenerate:0.000}"),
                Text($"{cell.Errors}"),
                Text($"{cell.Diverged}"));
        }

        CommandLine.Output.Write(table);
        CommandLine.Output.WriteLine($"cells.csv, samples.csv and losses.csv are in {folder}");

        static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
    }
}
