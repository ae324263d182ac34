using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Reflection;
using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Tests.Checkpoints;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary>run-ablations.ps1, parsed and run by the library: pwsh itself is not on every machine.</summary>
[NonParallelizable]
public sealed class RunAblationsScriptTests
{
    private static readonly string Script = Path.Combine(Goldens.Repository, "run-ablations.ps1");
    private TempFolder folder = null!;

    [SetUp]
    public void Create() => folder = new TempFolder();

    [TearDown]
    public void Delete() => folder.Dispose();

    [Test]
    public void Script_ParsesWithoutErrors()
    {
        Parser.ParseFile(Script, out _, out var errors);

        errors.Should().BeEmpty();
    }

    [TestCase("Config")]
    [TestCase("Out")]
    [TestCase("Limit")]
    [TestCase("Cuda")]
    [TestCase("Shard")]
    [TestCase("DryRun")]
    [TestCase("NoBuild")]
    [TestCase("Rest")]
    public void Parameter_HasHelp(string name)
    {
        var script = Parser.ParseFile(Script, out _, out _);

        script.ParamBlock.Parameters.Select(p => p.Name.VariablePath.UserPath).Should().Contain(name);
        script.GetHelpContent().Parameters.Should().ContainKey(name.ToUpperInvariant());
    }

    [Test]
    public void Script_RunsAShard_AndPassesOnWhatItDoesNotKnow()
    {
        var code = Run("-Config", "quick", "-Limit", "3", "-Shard", "2/3", "-Out", folder.PathOf("r"), "--batch", "1", "--set", "replay.iterations=10", "--max-new-tokens", "4");

        code.Should().Be(0);
        StoredRun.Read(folder.PathOf("r")).Manifest.Should().Match<RunManifest>(m => m.Shard == "2/3" && m.Questions == 1);
        File.ReadAllLines(folder.PathOf("r", "samples.csv")).Should().HaveCount(1 + 3);
        File.ReadAllLines(folder.PathOf("r", "losses.csv")).Should().HaveCount(1 + 10);
    }

    [Test]
    public void Script_WithABadConfiguration_HasTheProgramsExitCode() =>
        Run("-Config", folder.PathOf("none.yaml"), "-DryRun").Should().Be(2);

    // The script as a caller's: its `exit` ends it alone, and the code is the last one.
    private static int Run(params string[] arguments)
    {
        var configuration = typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
        Assume.That(configuration, Is.EqualTo("Release"), "the script takes the Release build, which is here where the tests are");
        // Core alone: the host's other modules are not in the package.
        using var shell = PowerShell.Create(InitialSessionState.CreateDefault2());
        var line = string.Join(' ', arguments.Prepend("-NoBuild").Select(a => a.StartsWith('-') ? a : $"'{a.Replace("'", "''", StringComparison.Ordinal)}'"));
        shell.AddScript($"& '{Script}' {line} | Out-Null; $LASTEXITCODE");
        var results = shell.Invoke();
        return (int)results[^1].BaseObject;
    }
}
