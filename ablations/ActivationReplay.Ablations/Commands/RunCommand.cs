using System.CommandLine;
using System.Globalization;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Runs;
using ActivationReplay.Evaluation.Datasets;
using Spectre.Console;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>run [CONFIG]</c>: computes a matrix of methods and settings on a data set; goes on where it stopped.</summary>
internal sealed class RunCommand
{
    private readonly ConfigOptions configuration = new();

    private readonly Option<string?> output = new("--out", "-o")
    {
        Description = "The run's folder; default results/NAME. The same configuration goes on there.",
    };

    private readonly Option<string?> shard = new("--shard") { Description = "I/N: only every N-th question, from the I-th; merge joins the parts." };

    private readonly Option<bool> dryRun = new("--dry-run") { Description = "Print the cells and stop." };

    public static Command Create()
    {
        var run = new RunCommand();
        var command = new Command("run", "Answer a data set with every cell of a configuration; write a journal, CSV tables and a summary.");
        run.configuration.AddTo(command);
        command.Options.Add(run.output);
        command.Options.Add(run.shard);
        command.Options.Add(run.dryRun);
        command.SetAction((parsed, cancel) => Task.FromResult(run.Run(parsed, cancel)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancel)
    {
        var config = configuration.Read(parsed);
        if (parsed.GetValue(dryRun))
        {
            PrintCells(config);
            return ExitCode.Success;
        }

        var part = ParseShard(parsed.GetValue(shard));
        IReadOnlyList<(int Place, DatasetRow Row)> rows =
            [.. DatasetOptions.Read(config).Index().Where(r => part?.Has(r.Index) ?? true)];
        var path = Path.GetFullPath(parsed.GetValue(output) ?? RepositoryPaths.Find("results", config.Name));
        using var folder = RunFolder.Open(path);
        using var pair = ModelOptions.Load(config.Pair);
        var run = new MatrixRun(pair, config, folder);
        run.Check();
        Claim(path, RunManifests.Create(config, pair, part), folder.Entries.Count > 0);
        foreach (var note in pair.Notes)
        {
            CommandLine.Output.MarkupLineInterpolated($"[yellow]note:[/] {note}");
        }

        using (var progress = new RunProgress(config, rows.Count))
        {
            run.Run(rows, progress.Add, cancel);
        }

        var report = RunReport.Of(config, folder.Entries.Values);
        report.Write(path);
        RunPage.Write(path, report, folder.Entries.Values);
        RunTables.Print(report, path);
        if (cancel.IsCancellationRequested)
        {
            Console.Error.WriteLine($"interrupted; the same command goes on in {path}");
            return ExitCode.Interrupted;
        }

        return report.Samples.Any(r => r.Error is not null) ? ExitCode.RowsFailed : ExitCode.Success;
    }

    // A folder belongs to one configuration.
    private static void Claim(string path, RunManifest manifest, bool hasEntries)
    {
        if (hasEntries && File.Exists(RunFolder.Manifest(path)))
        {
            var differences = RunManifest.Read(path).DifferencesTo(manifest);
            if (differences.Count > 0)
            {
                throw new ArgumentException(
                    $"{path} holds another run; name another --out. They differ in {string.Join("; ", differences.Take(8))}"
                    + (differences.Count > 8 ? $"; and {differences.Count - 8} more" : ""));
            }

            return;
        }

        manifest.Write(path);
    }

    private static Shard? ParseShard(string? text)
    {
        if (text is null)
        {
            return null;
        }

        return text.Split('/') is [var i, var n]
            && int.TryParse(i, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && index >= 1 && index <= count
            ? new Shard(index, count)
            : throw new ArgumentException($"--shard {text}: allowed is I/N with 1 ≤ I ≤ N, for example 1/4.");
    }

    private static void PrintCells(RunConfig config)
    {
        CommandLine.Output.WriteLine($"{config.Name}: {config.Cells.Count} cells, {config.Generation.Samples} answers a question, {config.Dataset}");
        foreach (var cell in config.Cells)
        {
            CommandLine.Output.WriteLine($"  {cell.Id}");
        }
    }
}
