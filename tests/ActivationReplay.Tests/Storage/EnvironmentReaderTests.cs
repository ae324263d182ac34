using ActivationReplay.Ablations.Storage;
using ActivationReplay.Tests.Checkpoints;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Storage;

public sealed class EnvironmentReaderTests
{
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
