using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Tests.Checkpoints;
using NUnit.Framework;

namespace ActivationReplay.Tests.Configuration;

/// <summary>What a test of configurations needs: a folder of its own, where a file of theirs is read.</summary>
public abstract class ConfigurationTest
{
    private TempFolder folder = null!;

    /// <summary>The folder of the configurations that ship.</summary>
    protected static string Configs { get; } = Path.Combine(Goldens.Repository, "ablations", "configs");

    /// <summary>What a published configuration leaves to its user.</summary>
    protected static IReadOnlyList<string> Supplied { get; } =
        ["pair.base=b", "pair.rlvr=r", "dataset.path=d.tsv", "prompt.system-prompt-file=none"];

    /// <summary>The test's folder.</summary>
    protected string Folder => folder.Path;

    [SetUp]
    public void Create() => folder = new TempFolder();

    [TearDown]
    public void Delete() => folder.Dispose();

    /// <summary>Writes a configuration and reads it.</summary>
    protected RunConfig Read(string text, params string[] overrides)
    {
        var file = Path.Combine(Folder, "config.yaml");
        File.WriteAllText(file, text);
        return RunConfigReader.Read(file, overrides);
    }
}
