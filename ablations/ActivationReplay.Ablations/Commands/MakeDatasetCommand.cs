using System.CommandLine;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Outputs;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Training.Tasks;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>make-dataset</c>: writes problems of the counting task.</summary>
internal static class MakeDatasetCommand
{
    public static Command Create()
    {
        var task = new Option<string>("--task") { Description = "The task.", DefaultValueFactory = _ => "counting" }
            .AcceptOnlyFromAmong("counting");
        var split = new Option<string>("--split")
        {
            Description = "Which problems. hard-N has N×N cells (N·N visual tokens at min_pixels = max_pixels = (28·N)²) and more objects.",
            DefaultValueFactory = _ => "test",
        }.AcceptOnlyFromAmong([.. SceneSplits.Names]);
        var count = new Option<int>("--count", "-n") { Description = "How many problems; families take turns.", DefaultValueFactory = _ => 400 };
        count.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError("--count must be at least 1.");
            }
        });
        var seed = new Option<ulong>("--seed") { Description = "With split and number it decides each problem.", DefaultValueFactory = _ => TaskDataset.DefaultSeed };
        var output = new Option<string>("--out", "-o") { Description = "Folder for samples.jsonl, samples.tsv and images/.", Required = true };
        var overwrite = Overwrite.Option();
        var command = new Command("make-dataset", "Write problems as JSONL with PNG files and as VLMEvalKit TSV.") { task, split, count, seed, output, overwrite };
        command.SetAction(parsed =>
        {
            var (scenes, part) = SceneSplits.Find(parsed.GetRequiredValue(split));
            var first = parsed.GetRequiredValue(seed);
            var folder = parsed.GetRequiredValue(output);
            using var files = OutputFolder.Open("--out", folder, "make-dataset", CommandLines.Of(parsed), parsed.GetValue(overwrite), keepUnfinished: false);
            CountingDataset.Write(files.Path, Enumerable.Range(0, parsed.GetRequiredValue(count))
                .Select(i => CountingProblem.Create(scenes, first, part, i)));
            files.Commit();
            Console.WriteLine($"{parsed.GetRequiredValue(count)} problems are in {folder}");
            return ExitCode.Success;
        });
        return command;
    }
}
