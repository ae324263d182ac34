using ActivationReplay.Ablations.Storage;
using ActivationReplay.Tests.Checkpoints;
using ActivationReplay.Tests.Planning;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Storage;

public sealed class EnvironmentReaderTests
{
    [TestCase("cpu", "cpu")]
    [TestCase("cuda", "cuda (Fake 0)")]
    [TestCase("base=cuda:0,rlvr=cuda:1", "base=cuda:0 (Fake 0), rlvr=cuda:1 (Fake 1)")]
    [TestCase("base=cpu,rlvr=cuda:1", "base=cpu, rlvr=cuda:1 (Fake 1)")]
    public void Named_NamesTheGpusOfBothModels(string device, string expected) =>
        EnvironmentReader.Named(device, new FakeMemory(1, 2, 3)).Should().Be(expected);

    [Test]
    public void Source_OfThisBuild_IsACommit_WhereItIsBuiltInGit()
    {
        var (commit, dirty) = EnvironmentReader.Source(AppContext.BaseDirectory);
        if (!Path.Exists(Path.Combine(Goldens.Repository, ".git")))
        {
            Assert.Ignore("These sources are no git checkout.");
        }

        commit.Should().MatchRegex("^[0-9a-f]{40}$");
        dirty.Should().NotBeNull("its repository is around it");
    }

    [Test]
    public void Source_OfAPublishedProgram_IsTheCommitBesideIt_AndSaysNothingOfFiles()
    {
        using var folder = new TempFolder();
        var commit = new string('7', 40);
        EnvironmentReader.Source(folder.Path).Should().Be(((string?)null, (bool?)null));
        File.WriteAllText(folder.PathOf("commit.txt"), commit + "\n");

        EnvironmentReader.Source(folder.Path).Should().Be((commit, (bool?)null));
    }
}
