using System.Diagnostics;
using ActivationReplay.Ablations.Clusters;
using ActivationReplay.Tests.Checkpoints;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Clusters;

public sealed class JobFilesTests
{
    [Test]
    public void Directives_AreWhatWasAsked()
    {
        var options = new JobOptions { Partition = "gpu", Gpus = 2, Cpus = 8, Time = "1-00:00:00", ArrayLimit = 4, More = ["--account=vision", "--comment=two words \"here\"", "--exclusive"] };
        var files = Files("/runs/quick", options.Checked());

        Directives(files.ShardsText(["run", "quick"])).Should().Equal(
            "--job-name=quick", "--array=1-8%4", "--output=/runs/quick/jobs/shard-%a.log", "--open-mode=append", "--requeue", "--signal=B:TERM@60",
            "--gres=gpu:2", "--cpus-per-task=8", "--partition=gpu", "--time=1-00:00:00", "--account=vision", "--comment=\"two words \\\"here\\\"\"", "--exclusive");
        Directives(files.MergeText()).Should().Equal(
            "--job-name=quick", "--output=/runs/quick/jobs/merge.log", "--open-mode=append", "--partition=gpu", "--time=1-00:00:00",
            "--account=vision", "--comment=\"two words \\\"here\\\"\"", "--exclusive");
    }

    [Test]
    public void Folders_WithOddNames_AreQuotedForSbatch() =>
        Directives(Files("/a b/it's 50% \"#1\"", new JobOptions()).MergeText()).Should().StartWith(
            ["--job-name=it_s_50____1_", "--output=\"/a b/it's 50%% \\\"#1\\\"/jobs/merge.log\""]);

    [TestCase("/a\\b")]
    [TestCase("/a\nb")]
    public void Folders_ThatSbatchCannotTake_AreRefused(string run) =>
        FluentActions.Invoking(() => Files(run, new JobOptions()).ShardsText([])).Should().Throw<ArgumentException>().WithMessage("*name another*");

    [TestCase("sh")]
    [TestCase("bash")]
    [Platform(Include = "Linux,MacOsX", Reason = "The files are shell scripts.")]
    public void Commands_WithOddNames_ArriveAsTheyAre(string shell)
    {
        using var folder = new TempFolder();
        const string Odd = "it's $(touch gone) `x` \"two\" ;&|*? ~ é";
        var program = folder.PathOf(Odd + ".sh");
        Directory.CreateDirectory(folder.PathOf("work", Odd));
        File.WriteAllText(program, "pwd; echo \"$DOTNET_PROCESSOR_COUNT\"; for a in \"$@\"; do printf '<%s>\\n' \"$a\"; done\n");
        var files = new JobFiles($"/runs/{Odd}", 8, folder.PathOf("work", Odd), [shell, program], new JobOptions(), JobFiles.DefaultTemplate);
        File.WriteAllText(folder.PathOf("job.sh"), files.ShardsText(["run", $"--dataset={Odd}", "-x", "a\nb", ""]));

        Said(shell, folder.PathOf("job.sh")).Should().Be(string.Join('\n',
            folder.PathOf("work", Odd), "6", "<run>", $"<--dataset={Odd}>", "<-x>", "<a\nb>", "<>", "<--requeue>", "<--shard>", "<3/8>", "<--out>", $"<{Path.Combine($"/runs/{Odd}", "shards")}/3-of-8>") + "\n");
        Directory.GetFiles(folder.PathOf("work", Odd)).Should().BeEmpty("nothing of a name is a command");
    }

    [Test]
    public void Template_OfTheUsers_HasItsParts()
    {
        const string Own = "#!/bin/bash\n{{directives}}\nmodule load cuda\nsrun {{command}}\n";

        var text = new JobFiles("/runs/quick", 2, "/w", ["dotnet", "a.dll"], new JobOptions(), JobFiles.Check("t", Own.ReplaceLineEndings("\r\n"))).MergeText();

        text.Should().NotContain("\r").And.StartWith("#!/bin/bash\n#SBATCH ").And.EndWith("module load cuda\nsrun dotnet a.dll merge /runs/quick\n");
    }

    [TestCase("{{directives}}\n{{command}}\n", "#!/bin/sh")]
    [TestCase("#!/bin/sh\n{{command}}\n", "{{directives}} is missing")]
    [TestCase("#!/bin/sh\n{{directives}}\n", "{{command}} is missing")]
    [TestCase("#!/bin/sh\n{{directives}}\n{{comand}}\n", "{{comand}} is none of")]
    public void Template_WithoutAPart_IsRefused(string text, string says) =>
        FluentActions.Invoking(() => JobFiles.Check("own.sh", text)).Should().Throw<ArgumentException>().WithMessage("*own.sh*").And.Message.Should().Contain(says);

    [TestCase("--account=a\nrm -rf x")]
    [TestCase("-A vision")]
    [TestCase("--array=1-3")]
    public void Options_ThatCannotBe_AreRefused(string option) =>
        FluentActions.Invoking(() => new JobOptions { More = [option] }.Checked()).Should().Throw<ArgumentException>().WithMessage("--sbatch-option*");

    [TestCase("soon")]
    [TestCase("1:00:00\n")]
    public void Time_OfAnotherForm_IsRefused(string time) =>
        FluentActions.Invoking(() => new JobOptions { Time = time }.Checked()).Should().Throw<ArgumentException>().WithMessage("--time*");

    private static JobFiles Files(string run, JobOptions options) => new(run, 8, "/work", ["dotnet", "a.dll"], options, JobFiles.DefaultTemplate);

    private static IEnumerable<string> Directives(string text) =>
        text.Split('\n').Where(l => l.StartsWith("#SBATCH ", StringComparison.Ordinal)).Select(l => l["#SBATCH ".Length..]);

    private static string Said(string shell, string script)
    {
        var start = new ProcessStartInfo(shell, [script]) { RedirectStandardOutput = true };
        start.Environment["SLURM_ARRAY_TASK_ID"] = "3";
        start.Environment["SLURM_CPUS_PER_TASK"] = "6";
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.Should().Be(0);
        return said;
    }
}
