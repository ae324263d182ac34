using ActivationReplay.Ablations.Commands;
using ActivationReplay.Tests.Commands;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Outputs;

/// <summary>No command writes over, or among, what it did not make; none replaces its own without being asked to.</summary>
public sealed class CommandOutputTests : CommandTest
{
    private static readonly string s_tiny =
        Path.Combine(Goldens.Repository, "ablations", "ActivationReplay.Benchmarks", "Shapes", "tiny", "config.json");

    // OUT is put in the place of {0}.
    private static readonly string[][] s_foldersOfCommands =
    [
        ["make-dataset", "--count", "2", "--out", "{0}"],
        ["make-checkpoint", "--config", s_tiny, "--out", "{0}"],
        ["evaluate", "--count", "1", "--samples", "1", "--out", "{0}"],
        ["lens", "--limit", "1", "--out", "{0}"],
        ["parity", "{1}", "--dump", "{0}"],
        ["run", "quick", "--limit", "1", "--out", "{0}"],
        ["run", "quick", "--limit", "1", "--resume", "discard", "--out", "{0}"],
        ["table", "{1}", "--out", "{0}"],
        ["train", "sft", "--out", "{0}"],
        ["train", "sft", "--resume", "--out", "{0}"],
    ];

    private static readonly string[][] s_filesOfCommands =
    [
        ["verify", "{1}", "--out", "{0}"],
        ["calibrate", "--limit", "1", "--out", "{0}"],
        ["parity", "{1}", "--table", "{0}"],
        ["bundle", "{1}", "--out", "{0}"],
    ];

    private string Out => Folder.PathOf("out");

    private string Input => Folder.PathOf("in");

    [TestCaseSource(nameof(s_foldersOfCommands))]
    public async Task AFolderThatHoldsSomethingElse_IsRefused(params string[] command)
    {
        Directory.CreateDirectory(Path.Combine(Out, "images"));
        File.WriteAllText(Path.Combine(Out, "images", "holiday.png"), "mine");
        File.WriteAllText(Path.Combine(Out, "samples.tsv"), "mine");

        foreach (var overwrite in command[0] is "run" or "train" ? new string[][] { [] } : [[], ["--overwrite"]])
        {
            (await Invoke([.. Filled(command), .. overwrite])).Should().Be(ExitCode.Usage);
        }

        Errors.Should().Contain("images, samples.tsv").And.Contain("name ");
        FolderBytes.Of(Out).Keys.Should().BeEquivalentTo("images/holiday.png", "samples.tsv");
    }

    [TestCaseSource(nameof(s_foldersOfCommands))]
    public async Task AFileInPlaceOfTheFolder_IsRefused(params string[] command)
    {
        File.WriteAllText(Out, "mine");

        (await Invoke(Filled(command))).Should().Be(ExitCode.Usage);

        Errors.Should().Contain("is a file; a folder belongs there");
        File.ReadAllText(Out).Should().Be("mine");
    }

    [TestCaseSource(nameof(s_filesOfCommands))]
    public async Task AFileThatIsSomethingElse_IsRefused(params string[] command)
    {
        File.WriteAllText(Out, "mine\n");

        (await Invoke(Filled(command))).Should().Be(ExitCode.Usage);
        (await Invoke([.. Filled(command), "--overwrite"])).Should().Be(ExitCode.Usage);

        Errors.Should().Contain("holds something else than");
        File.ReadAllText(Out).Should().Be("mine\n");
    }

    [TestCaseSource(nameof(s_filesOfCommands))]
    public async Task AFolderInPlaceOfTheFile_IsRefused(params string[] command)
    {
        Directory.CreateDirectory(Out);

        (await Invoke(Filled(command))).Should().Be(ExitCode.Usage);

        Errors.Should().Contain("is a folder");
    }

    [Test]
    public async Task MakeDataset_Again_ReplacesItsOwnAlone_WhenAsked()
    {
        (await Invoke("make-dataset", "--count", "3", "--out", Out)).Should().Be(ExitCode.Success, Errors);
        var first = FolderBytes.Of(Out);
        (await Invoke("make-dataset", "--count", "2", "--out", Out)).Should().Be(ExitCode.Usage);
        FolderBytes.Of(Out).Should().BeEquivalentTo(first);

        (await Invoke("make-dataset", "--count", "2", "--out", Out, "--overwrite")).Should().Be(ExitCode.Success, Errors);

        Directory.GetFiles(Path.Combine(Out, "images")).Should().HaveCount(2);
        File.ReadAllLines(Path.Combine(Out, "samples.jsonl")).Should().HaveCount(2);
        File.ReadAllLines(Path.Combine(Out, "samples.tsv")).Should().HaveCount(1 + 2);
    }

    [Test]
    public async Task Verify_Again_ReplacesItsCsv_WhenAsked_AndNeverItsInput()
    {
        File.WriteAllText(Input, """{"id": "1", "gold": "3", "pred": "3"}""" + "\n");
        (await Invoke("verify", Input, "--out", Input, "--overwrite")).Should().Be(ExitCode.Usage);
        (await Invoke("verify", Input, "--out", Out)).Should().Be(ExitCode.Success, Errors);
        var first = File.ReadAllText(Out);
        File.WriteAllText(Input, """{"id": "2", "gold": "3", "pred": "4"}""" + "\n");

        (await Invoke("verify", Input, "--out", Out)).Should().Be(ExitCode.Usage);
        Errors.Should().Contain("--overwrite replaces it");
        File.ReadAllText(Out).Should().Be(first);

        (await Invoke("verify", Input, "--out", Out, "--overwrite")).Should().Be(ExitCode.Success, Errors);
        File.ReadAllText(Out).Should().Contain("2,4,");
    }

    [Test]
    public async Task ACommandThatFails_LeavesItsEarlierResult()
    {
        (await Invoke("make-checkpoint", "--config", s_tiny, "--out", Out)).Should().Be(ExitCode.Success, Errors);
        var first = FolderBytes.Of(Out);
        File.WriteAllText(Input, "{}");

        (await Invoke("make-checkpoint", "--config", Input, "--out", Out, "--overwrite")).Should().NotBe(ExitCode.Success);

        FolderBytes.Of(Out).Should().BeEquivalentTo(first);
    }

    private string[] Filled(string[] command) =>
        [.. command.Select(a => a.Replace("{0}", Out, StringComparison.Ordinal).Replace("{1}", Input, StringComparison.Ordinal))];
}
