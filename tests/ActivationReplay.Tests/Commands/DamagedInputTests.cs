using System.Diagnostics;
using System.Text;
using ActivationReplay.Ablations.Commands;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary>Each command with each way in which a file or folder that it is given can be unusable: a line that names it, and a code.</summary>
public sealed class DamagedInputTests : CommandTest
{
    // {} is the file or folder at fault, OUT a new folder, GOOD an output file to judge.
    private static readonly (string[] Command, string Extension)[] s_files =
    [
        (["run", "{}", "--out", "OUT"], ".yaml"),
        (["run", "quick", "--dataset", "{}", "--limit", "1", "--out", "OUT"], ".jsonl"),
        (["run", "quick", "--dataset", "{}", "--limit", "1", "--out", "OUT"], ".tsv"),
        (["run", "quick", "--dataset", "{}", "--limit", "1", "--out", "OUT"], ".parquet"),
        (["run", "quick", "--prompt-template", "{}", "--limit", "1", "--out", "OUT"], ".txt"),
        (["validate", "{}"], ".yaml"),
        (["validate", "quick", "--dataset", "{}"], ".jsonl"),
        (["replay", "{}", "How many?"], ".png"),
        (["lens", "--dataset", "{}", "--out", "OUT"], ".jsonl"),
        (["calibrate", "--dataset", "{}", "--out", "OUT"], ".jsonl"),
        (["evaluate", "--dataset", "{}", "--samples", "1"], ".jsonl"),
        (["train", "sft", "--config", "{}", "--out", "OUT"], ".json"),
        (["verify", "{}"], ".jsonl"),
    ];

    private static readonly string[][] s_folders =
    [
        ["run", "quick", "--pair", "{}", "--limit", "1", "--out", "OUT"],
        ["validate", "quick", "--pair", "{}"],
        ["replay", "nothing.png", "How many?", "--pair", "{}"],
        ["evaluate", "--pair", "{}", "--count", "1", "--samples", "1"],
        ["parity", "{}"],
        ["show", "{}"],
        ["report", "{}"],
        ["merge", "{}", "--out", "OUT"],
        ["ls", "{}"],
    ];

    private static readonly string[][] s_targets =
    [
        ["run", "quick", "--limit", "1", "--out", "{}"],
        ["lens", "--limit", "1", "--out", "{}"],
        ["evaluate", "--count", "1", "--samples", "1", "--out", "{}"],
        ["make-dataset", "--count", "1", "--out", "{}"],
        ["make-checkpoint", "--config", Path.Combine(Goldens.Repository, "ablations", "pairs", "counting", "base", "config.json"), "--out", "{}"],
        ["train", "sft", "--out", "{}"],
        ["calibrate", "--limit", "1", "--out", "{}"],
        ["verify", "GOOD", "--out", "{}"],
    ];

    private static readonly (string Name, Action<string> Make)[] s_defects =
    [
        ("missing", _ => { }),
        ("a folder", path => Directory.CreateDirectory(path)),
        ("empty", path => File.WriteAllText(path, "")),
        // Without its mark: with it, the text is what it says.
        ("UTF-16", path => File.WriteAllText(path, "{\"question\": \"ä\"}\n", new UnicodeEncoding(bigEndian: false, byteOrderMark: false))),
        ("Latin-1", path => File.WriteAllBytes(path, [0x7B, 0xE4, 0xF6, 0xFC, 0x7D, 0x0A])),
        // There, and an error to whoever reads it, also to root.
        ("unreadable", path => File.CreateSymbolicLink(path, "/proc/self/mem")),
    ];

    private static IEnumerable<TestCaseData> Files() =>
        from file in s_files
        from defect in s_defects
        select new TestCaseData(file.Command, file.Extension, defect.Make)
            .SetArgDisplayNames($"{file.Command[0]} {string.Join(' ', file.Command.Where(a => a.StartsWith("--", StringComparison.Ordinal)).Take(1))} {file.Extension}", defect.Name);

    private static IEnumerable<TestCaseData> FoldersOf(string[][] commands) =>
        commands.Select(command => new TestCaseData([command]).SetArgDisplayNames(command[0]));

    private static IEnumerable<TestCaseData> Folders() => FoldersOf(s_folders);

    private static IEnumerable<TestCaseData> Targets() => FoldersOf(s_targets);

    [TestCaseSource(nameof(Files))]
    [Platform("Linux")]
    public async Task AFile_ThatCannotBeUsed_IsALineThatNamesIt(string[] command, string extension, Action<string> damage)
    {
        var path = Folder.PathOf("damaged" + extension);
        damage(path);

        await IsRefused(command, path);
    }

    [TestCaseSource(nameof(Folders))]
    public async Task AFolder_ThatIsMissing_IsALineThatNamesIt(string[] command) => await IsRefused(command, Folder.PathOf("damaged"));

    [TestCaseSource(nameof(Folders))]
    public async Task AFile_InPlaceOfAFolder_IsALineThatNamesIt(string[] command)
    {
        File.WriteAllText(Folder.PathOf("damaged"), "text");

        await IsRefused(command, Folder.PathOf("damaged"));
    }

    [TestCaseSource(nameof(Targets))]
    public async Task ATarget_ThatIsAFile_IsRefused_AndStays(string[] command)
    {
        File.WriteAllText(Folder.PathOf("damaged"), "mine");

        await IsRefused(command, Folder.PathOf("damaged"));

        File.ReadAllText(Folder.PathOf("damaged")).Should().Be("mine");
    }

    [TestCaseSource(nameof(Targets))]
    [Platform("Linux")]
    public async Task ATarget_ThatCannotBeWritten_IsALineThatNamesIt(string[] command) => await IsRefused(command, "/proc/damaged");

    [TestCaseSource(nameof(Targets))]
    [Platform("Linux")]
    public async Task ATarget_WithoutSpace_IsALine(string[] command)
    {
        var mount = Folder.PathOf("damaged");
        Directory.CreateDirectory(mount);
        if (await Shell("mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", mount) != 0)
        {
            Assert.Ignore("only root can mount a file system without space");
        }

        try
        {
            await File.WriteAllBytesAsync(Path.Combine(mount, "full"), new byte[8192]);
            await IsRefused(command, Path.Combine(mount, "out"), named: false);
        }
        finally
        {
            (await Shell("umount", "-l", mount)).Should().Be(0);
        }
    }

    private async Task IsRefused(string[] command, string path, bool named = true)
    {
        await File.WriteAllTextAsync(Folder.PathOf("good.jsonl"), """{"id": "1", "gold": "1", "pred": "1"}""");
        var code = await Invoke([.. command.Select(a => a switch
        {
            "{}" => path,
            "OUT" => Folder.PathOf("out"),
            "GOOD" => Folder.PathOf("good.jsonl"),
            _ => a,
        })]);

        code.Should().BeOneOf([ExitCode.RowsFailed, ExitCode.Usage, ExitCode.Checkpoint], Errors);
        Errors.Should().NotContain("   at ");
        if (code == ExitCode.RowsFailed && Directory.Exists(Folder.PathOf("out")))
        {
            // A row that cannot be used is an error row of the tables.
            Directory.GetFiles(Folder.PathOf("out"), "*samples.csv").Select(File.ReadAllText).Should().Contain(text => text.Contains("line 1"));
        }
        else if (named)
        {
            Errors.Should().Contain(Path.GetFileName(path));
        }
        else
        {
            Errors.Should().NotBeEmpty();
        }
    }

    private static async Task<int> Shell(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
