using System.CommandLine;
using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Errors;
using ActivationReplay.Checkpoints;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Native;
using FluentAssertions;
using NUnit.Framework;
using TorchSharp;

namespace ActivationReplay.Tests.Commands;

/// <summary>Exceptions that reach the top of a command.</summary>
public sealed class CommandErrorsTests : CommandTest
{
    private const string DataFolder = "XDG_DATA_HOME";

    private string? data;

    [SetUp]
    public void RedirectLogs()
    {
        data = Environment.GetEnvironmentVariable(DataFolder);
        Environment.SetEnvironmentVariable(DataFolder, Folder.PathOf("data"));
    }

    [TearDown]
    public void RestoreLogs() => Environment.SetEnvironmentVariable(DataFolder, data);

    private static IEnumerable<TestCaseData> Known()
    {
        yield return Case("a worker's", ExitCode.Usage, () => Parallel.For(0, 4, _ => throw new DatasetException("d.tsv", "row 3")), "error: d.tsv: row 3");
        yield return Case("a nested worker's", ExitCode.Checkpoint, () => throw new AggregateException(
            new InvalidOperationException("first"), new AggregateException(new CheckpointException("c", "shape"))), "error: c");
        yield return Case("a type's", ExitCode.Checkpoint, () => throw new TypeInitializationException("torch", new LibtorchException("libtorch is gone")), "error: libtorch is gone");
        yield return Case("a path's", ExitCode.Usage, () => File.ReadAllText(""), "error: ");
        yield return Case("a disk's", ExitCode.Usage, () => throw new IOException("No space left on device : '/x'"), "error: No space left on device : '/x'");
        yield return Case("an interruption's", ExitCode.Interrupted, () => throw new OperationCanceledException(), "interrupted");
        yield return Case("an interrupted worker's", ExitCode.Interrupted, () => Parallel.For(0, 4, _ => throw new OperationCanceledException()), "interrupted");
    }

    private static IEnumerable<TestCaseData> Faults()
    {
        yield return Case("a null", ExitCode.Fault, Fault, "error: NullReferenceException: Object reference");
        yield return Case("a library's argument", ExitCode.Fault, () => new List<int>().RemoveAt(3), "error: ArgumentOutOfRangeException: ");
        yield return Case("a library's worker's", ExitCode.Fault, () => Parallel.For(0, 4, _ => throw new InvalidOperationException("x")), "error: InvalidOperationException: x");
        yield return Case("memory", ExitCode.Fault, () => GC.KeepAlive(new int[int.MaxValue]), "error: OutOfMemoryException: Array dimensions exceeded supported range. Fewer questions");
        yield return Case("libtorch", ExitCode.Fault, () => torch.ones(2, 3).mm(torch.ones(2, 3)), "error: ExternalException: mat1 and mat2 shapes");
    }

    [TestCaseSource(nameof(Known))]
    public async Task AKnownError_IsALineWithItsCode(int code, Action work, string line)
    {
        (await Run(work)).Should().Be(code);
        Lines().Should().ContainSingle().Which.Should().StartWith(line);
    }

    [TestCaseSource(nameof(Faults))]
    public async Task AFault_IsALine_AndItsStackTraceIsInALog(int code, Action work, string line)
    {
        (await Run(work)).Should().Be(code);
        Lines().Should().ContainSingle().Which.Should().StartWith(line).And.NotContain("   at ").And.NotContain("frame #");
        var log = Directory.GetFiles(Folder.Path, "error-*.log", SearchOption.AllDirectories).Should().ContainSingle().Which;
        Lines()[0].Should().EndWith(log);
        File.ReadAllText(log).Should().Contain("command: fail --now").And.Contain("   at ");
    }

    [Test]
    public async Task AFaultOfARun_NamesItsQuestion_AndItsLogIsInTheRunsFolder()
    {
        Directory.CreateDirectory(Folder.PathOf("run"));

        await Run(() => ErrorContext.In(Folder.PathOf("run"), () =>
        {
            ErrorContext.About("question 12", Fault);
            return 0;
        }));

        Lines()[0].Should().Contain("(question 12)").And.Contain(Folder.PathOf("run", "error-"));
        Directory.GetFiles(Folder.PathOf("run")).Should().ContainSingle();
    }

    [Test]
    public async Task AFault_WithoutAFolderForItsLog_StillIsALine()
    {
        File.WriteAllText(Folder.PathOf("data"), "a file where the folder belongs");

        (await Run(Fault)).Should().Be(ExitCode.Fault);
        Lines()[0].Should().Contain(Path.GetTempPath(), "the next folder is taken");
        File.Delete(Lines()[0].Split(' ')[^1]);
    }

    private static void Fault() => GC.KeepAlive(((object)null!).ToString());

    private static TestCaseData Case(string name, int code, Action work, string line) => new TestCaseData(code, work, line).SetArgDisplayNames(name);

    private string[] Lines() => Errors.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);

    private static Task<int> Run(Action work)
    {
        var command = new Command("fail") { new Option<bool>("--now") };
        command.SetAction(_ =>
        {
            work();
            return ExitCode.Success;
        });
        return CommandLine.RunAsync(new RootCommand { command }, ["fail", "--now"]);
    }
}
