using System.CommandLine;
using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Ablations.Outputs;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Checkpoints;
using ActivationReplay.Synthetic;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>make-checkpoint</c>: a folder with random weights of any config.json, for measurements.</summary>
internal static class MakeCheckpointCommand
{
    public static Command Create()
    {
        var config = new Option<string>("--config", "-c")
        {
            Description = "A config.json of qwen2_vl or qwen2_5_vl (see ablations/ActivationReplay.Benchmarks/Shapes), or a checkpoint that has one: a folder, or a pulled model of the hub.",
            Required = true,
        };
        var output = new Option<string>("--out", "-o") { Description = "The checkpoint's folder; with --pair the folder of base/ and rlvr/.", Required = true };
        var overwrite = Overwrite.Option();
        var seed = new Option<ulong>("--seed") { Description = "With a weight's name it decides each number." };
        var dtype = new Option<string>("--dtype") { Description = "float32, float16 or bfloat16; stored is the configuration's.", DefaultValueFactory = _ => "stored" }
            .AcceptOnlyFromAmong("float32", "float16", "bfloat16", "stored");
        var processor = new Option<string>("--processor")
        {
            Description = "Checkpoint (a folder, or a pulled model of the hub) whose tokenizer, chat template and picture settings are copied; its special ids go into config.json.",
            DefaultValueFactory = _ => RepositoryPaths.Find("ablations", "pairs", "counting", "base"),
        };
        var pair = new Option<bool>("--pair") { Description = "Write base/, and rlvr/ with the same weights moved a little." };
        var perturbation = new Option<double>("--perturbation", "--moved")
        {
            Description = "How far rlvr's maps are from base's, as a fraction of their standard deviation.",
            DefaultValueFactory = _ => 0.02,
        };
        perturbation.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and <= 1))
            {
                result.AddError("--perturbation must be above 0 and at most 1.");
            }
        });
        var command = new Command("make-checkpoint", "Write a checkpoint of random weights: memory and speed depend on shapes alone.")
        {
            config, output, overwrite, seed, dtype, processor, pair, perturbation,
        };
        command.SetAction(parsed =>
        {
            var folder = parsed.GetRequiredValue(output);
            using var files = OutputFolder.Open("--out", folder, "make-checkpoint", CommandLines.Of(parsed), parsed.GetValue(overwrite), keepUnfinished: false);
            Native.Libtorch.Load();
            var checkpoint = new RandomCheckpoint(
                ConfigFile(parsed.GetRequiredValue(config)), CheckpointFolder.Locate(parsed.GetRequiredValue(processor), withWeights: false))
            {
                Seed = parsed.GetValue(seed),
                Type = Type(parsed.GetRequiredValue(dtype)),
            };
            if (parsed.GetValue(pair))
            {
                checkpoint.Write(Path.Combine(files.Path, "base"));
                checkpoint.Write(Path.Combine(files.Path, "rlvr"), parsed.GetRequiredValue(perturbation));
            }
            else
            {
                checkpoint.Write(files.Path);
            }

            files.Commit();
            Console.WriteLine($"random weights are in {folder}");
            return ExitCode.Success;
        });
        return command;
    }

    private static string ConfigFile(string given) =>
        File.Exists(given) || CheckpointFolder.Find(given) is not { } folder ? given : Path.Combine(folder, "config.json");

    private static ScalarType? Type(string name) => name switch
    {
        "float32" => ScalarType.Float32,
        "float16" => ScalarType.Float16,
        "bfloat16" => ScalarType.BFloat16,
        _ => null,
    };
}
