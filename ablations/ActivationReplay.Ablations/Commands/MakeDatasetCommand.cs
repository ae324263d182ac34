using System.CommandLine;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Outputs;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Training;
using ActivationReplay.Training.Tasks;
using ActivationReplay.Training.Tasks.Clips;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>make-dataset</c>: writes problems of a task.</summary>
internal static class MakeDatasetCommand
{
    public static Command Create()
    {
        var task = new Option<string>("--task") { Description = "The task.", DefaultValueFactory = _ => TaskProblems.Counting }
            .AcceptOnlyFromAmong([.. TaskProblems.Tasks]);
        var split = new Option<string>("--split")
        {
            Description = "Which problems. zooming and clips have train, validation and test. Of counting, hard-N has N×N cells (N·N visual tokens at min_pixels = max_pixels = (28·N)²) and more objects.",
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
        var output = new Option<string>("--out", "-o") { Description = "Folder for samples.jsonl, samples.tsv and images/; of clips, samples.jsonl and clips/.", Required = true };
        var overwrite = Overwrite.Option();
        var command = new Command("make-dataset", "Write problems as JSONL with PNG files and as VLMEvalKit TSV; of clips, with MP4 files.") { task, split, count, seed, output, overwrite };
        command.SetAction(parsed =>
        {
            var (name, part) = (parsed.GetRequiredValue(task), parsed.GetRequiredValue(split));
            var (number, start) = (parsed.GetRequiredValue(count), parsed.GetRequiredValue(seed));
            var folder = parsed.GetRequiredValue(output);
            using var files = OutputFolder.Open("--out", folder, "make-dataset", CommandLines.Of(parsed), parsed.GetValue(overwrite), keepUnfinished: false);
            if (name == TaskProblems.Clips)
            {
                ClipFiles.Write(files.Path, TaskProblems.ClipProblems(part, number, start));
            }
            else
            {
                ProblemFiles.Write(files.Path, TaskProblems.Samples(name, part, number, start));
            }

            files.Commit();
            Console.WriteLine($"{number} problems are in {folder}");
            return ExitCode.Success;
        });
        return command;
    }
}
