using System.Diagnostics;
using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Native;
using ActivationReplay.Tests.Checkpoints;
using ActivationReplay.Tests.Native;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary>The program as it is built without a libtorch of its own, in processes of its own.</summary>
[Platform("Linux")]
public sealed class LibtorchOptionTests
{
    private static readonly string s_libtorch = Path.Combine(AppContext.BaseDirectory, "libtorch");
    private string program = null!;

    [OneTimeSetUp]
    public void LinkTheProgramWithoutLibtorch()
    {
        // Beside the tests' own folder: links do not leave a file system.
        program = $"{Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)}-without-{Guid.NewGuid():N}";
        using var copy = Process.Start("cp", ["-rl", AppContext.BaseDirectory, program]);
        copy.WaitForExit();
        Directory.Delete(Path.Combine(program, "libtorch"), recursive: true);
    }

    [OneTimeTearDown]
    public void DeleteTheProgram() => Directory.Delete(program, recursive: true);

    [Test]
    public void Command_WithoutAnyLibtorch_SaysExactlyWhatToDo()
    {
        var (code, _, errors) = Run(["run", "--limit", "1", "--out", "/nowhere"]);

        code.Should().Be(ExitCode.Checkpoint);
        errors.Should().Contain("There is no libtorch").And.Contain("--libtorch DIR").And.Contain(Libtorch.FolderVariable).And.Contain("python3 -c")
            .And.Contain("-p:Libtorch=cpu").And.NotContain("   at ");
    }

    [Test]
    public async Task Run_WithAnotherFoldersLibtorch_GivesTheSameAnswers()
    {
        using var folder = new TempFolder();
        Directory.CreateSymbolicLink(folder.PathOf("lib"), s_libtorch);
        string[] command = ["run", "--limit", "1", "--methods", "none,replay", "--set", "replay.iterations=2", "--max-new-tokens", "8", "--out"];

        var (code, _, errors) = Run([.. command, folder.PathOf("installed"), "--libtorch", folder.Path]);

        code.Should().Be(ExitCode.Success, errors);
        using (new QuietConsole())
        {
            await CommandLine.RunAsync([.. command, folder.PathOf("own")]);
        }

        Rows("installed").Should().Equal(Rows("own")).And.NotBeEmpty();
        Ablations.Storage.RunManifest.Read(folder.PathOf("installed")).Sessions[0].Environment.Libtorch.Should().Be(Libtorch.BuiltFor);

        IEnumerable<string> Rows(string run) => StoredRun.Read(folder.PathOf(run)).Report().Samples.Select(r => (r with { Times = null }).ToString());
    }

    [Test]
    public void Doctor_WithTheFolderInTheEnvironment_TellsWhereItIsFrom()
    {
        var (code, output, errors) = Run(["doctor"], name: Libtorch.FolderVariable, value: s_libtorch);

        code.Should().Be(ExitCode.Success, output + errors);
        output.Should().MatchRegex(@"ok +libtorch").And.Contain("installed").And.Contain(s_libtorch).And.MatchRegex("ok +cpu +relative error");
    }

    [Test]
    public void Doctor_WhereTheSystemFindsLibtorch_TellsWhereItIsFrom()
    {
        var (code, output, errors) = Run(["doctor"], name: "LD_LIBRARY_PATH", value: s_libtorch);

        code.Should().Be(ExitCode.Success, output + errors);
        output.Should().MatchRegex(@"ok +libtorch").And.Contain("installed").And.Contain(s_libtorch);
    }

    [Test]
    public void Doctor_WhereLibtorchCannotBeLoaded_SaysSoAndGoesOn()
    {
        var (code, output, errors) = Run(["doctor", "--libtorch", "/nowhere"]);

        code.Should().Be(ExitCode.Checkpoint);
        output.Should().MatchRegex("FAIL +libtorch +/nowhere: no such folder").And.MatchRegex("ok +temporary").And.NotContain("   at ");
        errors.Should().BeEmpty();
    }

    [Test]
    public void Command_WithAnotherFolderThatIsWrong_SaysWhatIsThere()
    {
        var (code, _, errors) = Run(["parity", ".", "--libtorch", Goldens.Repository]);

        code.Should().Be(ExitCode.Checkpoint);
        errors.Should().StartWith("error: ").And.Contain("holds no libtorch").And.NotContain("   at ");
    }

    [Test]
    public void Unchecked_WithoutAFolder_SaysWhatIsMissing()
    {
        var (code, _, errors) = Run(["doctor", "--libtorch-unchecked"]);

        code.Should().Be(ExitCode.Usage);
        errors.Should().Contain("--libtorch DIR");
    }

    [TestCase(DoctoredBindings.Function)]
    [TestCase(DoctoredBindings.Table)]
    public void Command_WhereALibtorchLacksASymbol_ListsIt_AndGoesOnIfAsked(string symbol)
    {
        var bindings = Path.Combine(program, "runtimes", "linux-x64", "native", "libLibTorchSharp.so");
        var original = File.ReadAllBytes(bindings);
        Replace(bindings, DoctoredBindings.With(symbol));
        try
        {
            var (code, _, errors) = Run(["parity", ".", "--libtorch", s_libtorch]);
            code.Should().Be(ExitCode.Checkpoint);
            errors.Should().Contain(DynamicLinker.Demangle(DoctoredBindings.Renamed(symbol))).And.Contain("--libtorch-unchecked").And.Contain(Libtorch.BuiltFor);

            (code, var output, errors) = Run(["doctor", "--libtorch", s_libtorch, "--libtorch-unchecked"]);
            code.Should().Be(ExitCode.Success, output + errors);
            output.Should().MatchRegex("warn +libtorch").And.Contain("it lacks 1 of the functions").And.MatchRegex("ok +cpu +relative error");
        }
        finally
        {
            Replace(bindings, original);
        }
    }

    // A new file: the old one is a link to that of the tests.
    private static void Replace(string path, byte[] bytes)
    {
        File.Delete(path);
        File.WriteAllBytes(path, bytes);
    }

    private (int Code, string Output, string Errors) Run(IEnumerable<string> arguments, string? name = null, string? value = null)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(program, "ActivationReplay.Ablations.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[Libtorch.FolderVariable] = "";
        if (name is not null)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
