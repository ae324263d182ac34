using System.CommandLine;
using System.Globalization;
using ActivationReplay.Ablations.Errors;
using ActivationReplay.Ablations.LensReports;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Shifts;
using ActivationReplay.Replay.Recordings;
using Spectre.Console;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>lens</c>: how far activations shift from base to RLVR, by layer and entropy, to CSV and pictures.</summary>
internal sealed class LensCommand
{
    private readonly ModelOptions models = new();
    private readonly LensOptions options = new();

    public static Command Create()
    {
        var lens = new LensCommand();
        var command = new Command("lens", "Compare base and RLVR through the logit lens: KL by layer and entropy, heat maps, tokens that differ.");
        lens.models.AddTo(command);
        lens.options.AddTo(command);
        command.SetAction((parsed, cancel) => Task.FromResult(lens.Run(parsed, cancel)));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken cancel)
    {
        var stored = options.Conversations(parsed);
        if (stored is not null && models.Given(parsed) is { } own)
        {
            throw new ArgumentException($"--run has its own pair; {own} cannot be given with it.");
        }

        var asked = stored is null ? options.Limited(options.Questions(parsed), parsed) : [];
        var folder = options.Folder(parsed);
        using var output = options.Open(folder, parsed);
        using var pair = stored is null ? models.Load(parsed) : ModelOptions.Load(stored.Pair);
        stored?.Check(pair.Checkpoints);
        var rows = stored is null ? asked : options.Limited(stored.Questions(pair.Processor), parsed);
        var text = pair.Model(ModelRole.Base).Config.Text;
        var plan = options.Plan(parsed, text.VocabularySize);
        var report = new PictureReport(pair.Processor, options.Layers(parsed, text.Layers));
        foreach (var note in pair.Notes.Concat(PlotFont.Note is { } missing ? [missing] : []))
        {
            CommandLine.Output.MarkupLineInterpolated($"[yellow]note:[/] {note}");
        }

        if (stored is not null)
        {
            CommandLine.Output.WriteLine(stored.Name);
        }

        CommandLine.Output.WriteLine($"base {pair.Checkpoints.Base.Fingerprint}");
        CommandLine.Output.WriteLine($"rlvr {pair.Checkpoints.Rlvr.Fingerprint}");
        var results = Compute(
            new LensRunner(pair, plan, Path.Combine(output.Path, "states")), rows, output.Path, row => options.IsOne(parsed) ? output.Path : PictureFolder(output.Path, row),
            index => index < options.Pictures(parsed) ? report : null, cancel);
        var compared = Report(results, output.Path, plan);
        if (cancel.IsCancellationRequested)
        {
            Console.Error.WriteLine($"interrupted: {results.Count} of {rows.Count} samples are in {output.CommitUnfinished()}");
            return ExitCode.Interrupted;
        }

        output.Commit();
        CommandLine.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{compared} of {results.Count} samples compared; files are in {folder}"));
        return results.Exists(r => r.Error is not null) ? ExitCode.RowsFailed : ExitCode.Success;
    }

    private static List<LensResult> Compute(
        LensRunner runner,
        IReadOnlyList<LensQuestion> rows,
        string folder,
        Func<LensQuestion, string> folderOf,
        Func<int, PictureReport?> reportOf,
        CancellationToken cancel)
    {
        // Before the folder is renamed, which its scratch lies in.
        using var own = runner;
        var results = new List<LensResult>();
        using var table = new CsvTable<LensSampleRow>(Path.Combine(folder, "lens-samples.csv"));
        CommandLine.Output.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(progress =>
            {
                var task = progress.AddTask("samples", maxValue: rows.Count);
                foreach (var (index, row) in rows.Index())
                {
                    if (index % runner.Stretch == 0)
                    {
                        runner.Begin([.. rows.Skip(index).Take(runner.Stretch)], cancel);
                    }

                    if (cancel.IsCancellationRequested)
                    {
                        return;
                    }

                    results.Add(ErrorContext.About($"question {row.Id}", () => runner.Run(row, reportOf(index), folderOf(row))));
                    table.Add([results[^1].Row]);
                    task.Increment(1);
                }
            });
        return results;
    }

    // Gives how many samples were compared.
    private static int Report(List<LensResult> results, string folder, LensPlan plan)
    {
        foreach (var result in results)
        {
            if (result.Error is not null)
            {
                CommandLine.Output.MarkupLineInterpolated($"[red]{result.Id}:[/] {result.Error}");
            }
            else if (result.Tokens is { } tokens)
            {
                LensTables.Print(result.Id, tokens);
            }
        }

        List<SampleShift> shifts = [.. results.Select(r => r.Shift).OfType<SampleShift>()];
        if (shifts.Count > 0)
        {
            var estimates = BucketEstimate.Summarise(shifts);
            var tests = LowHighTest.Run(shifts);
            CsvTable.Write(Path.Combine(folder, "lens-layers.csv"), estimates.Select(LensLayerRow.Of));
            CsvTable.Write(Path.Combine(folder, "lens-test.csv"), tests.Select(LensTestRow.Of));
            ShiftPlot.Save(Path.Combine(folder, "lens.png"), estimates, plan.AllPositions ? "a prompt's tokens" : "a sample's visual tokens");
            LensTables.Print(tests);
            CommandLine.Output.WriteLine(LensVerdict.Say(tests, estimates));
        }

        return shifts.Count;
    }

    // Ids come from the data set: escaped, they are one name in this folder, each another.
    private static string PictureFolder(string folder, LensQuestion row) => Path.Combine(
        folder, "pictures", Uri.EscapeDataString(row.Id).Replace(".", "%2E", StringComparison.Ordinal));
}
