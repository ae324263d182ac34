using System.CommandLine;
using System.Globalization;
using ActivationReplay.Ablations.Bundles;
using ActivationReplay.Ablations.Outputs;
using Spectre.Console;

namespace ActivationReplay.Ablations.Commands;

/// <summary><c>bundle</c>: packs a run into one zip that other commands read elsewhere.</summary>
internal static class BundleCommand
{
    public static Command Create()
    {
        var run = StoredRunCommands.RunArgument();
        var output = new Option<string?>("--out", "-o") { Description = "The zip file to write; default the run's name with .zip." };
        var overwrite = Overwrite.Option();
        var command = new Command("bundle", "Pack a run into one zip, with the SHA-256 of each file; show, report, merge and table read it elsewhere.") { run, output, overwrite };
        command.SetAction(parsed =>
        {
            var named = parsed.GetRequiredValue(run);
            var path = parsed.GetValue(output) ?? $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(named)))}.zip";
            OutputFile.Check("--out", path, parsed.GetValue(overwrite), "a bundle", RunBundle.Is);
            using var source = RunSource.Open(named);
            var stored = source.Read();
            var contents = RunBundle.Write(stored, path);
            CommandLine.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{path}: {stored.State}, {stored.Done} of {stored.Manifest.Answers} answers, {contents.Files.Count} files of {contents.Files.Sum(f => f.Bytes) / 1e6:0.00} MB in {new FileInfo(path).Length / 1e6:0.00} MB"));
            return ExitCode.Success;
        });
        return command;
    }
}
