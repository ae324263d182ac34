using System.Management.Automation.Language;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary>run-ablations.ps1, parsed: pwsh itself is not on every machine.</summary>
public sealed class RunAblationsScriptTests
{
    private static readonly string Script = Path.Combine(Goldens.Repository, "run-ablations.ps1");

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
    [TestCase("Rest")]
    public void Parameter_HasHelp(string name)
    {
        var script = Parser.ParseFile(Script, out _, out _);

        script.ParamBlock.Parameters.Select(p => p.Name.VariablePath.UserPath).Should().Contain(name);
        script.GetHelpContent().Parameters.Should().ContainKey(name.ToUpperInvariant());
    }
}
