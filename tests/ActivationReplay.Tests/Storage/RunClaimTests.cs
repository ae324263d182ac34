using ActivationReplay.Ablations.Storage;
using ActivationReplay.Tests.Checkpoints;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Storage;

public sealed class RunClaimTests
{
    private TempFolder temp = null!;

    [SetUp]
    public void Create() => temp = new TempFolder();

    [TearDown]
    public void Delete() => temp.Dispose();

    [Test]
    public void Take_OfTheSameConfiguration_AddsASession()
    {
        Started();
        using var folder = RunFolder.Open(temp.Path);

        RunClaim.Take(folder, MadeRuns.Manifest(MadeRuns.Config()) with { Command = "again" }, ResumeMode.Same);

        var manifest = RunManifest.Read(temp.Path);
        manifest.Command.Should().Be("run quick");
        manifest.Sessions.Should().HaveCount(2);
    }

    [Test]
    public void Take_OfAnotherConfiguration_NamesEachDifference()
    {
        Started();
        using var folder = RunFolder.Open(temp.Path);
        var other = MadeRuns.Manifest(MadeRuns.Config("quick", "seed=7", "replay.iterations=3")) with { RlvrFingerprint = "r1" };

        FluentActions.Invoking(() => RunClaim.Take(folder, other, ResumeMode.Same)).Should().Throw<ArgumentException>()
            .WithMessage("*generation.seed: 0 there, 7 here*rlvr fingerprint: r0 there, r1 here*")
            .WithMessage("*cell 'replay'*iterations=25;*there*iterations=3;*here*");
    }

    [Test]
    public void Take_OfAPairInAnotherPlace_IsTheSameRun()
    {
        Started();
        using var folder = RunFolder.Open(temp.Path);
        var moved = MadeRuns.Config();
        moved = moved with { Name = "moved", Pair = moved.Pair with { Base = "/elsewhere/base", Rlvr = "/elsewhere/rlvr" } };

        FluentActions.Invoking(() => RunClaim.Take(folder, MadeRuns.Manifest(moved), ResumeMode.Same)).Should().NotThrow();
    }

    [Test]
    public void Take_Never_RefusesAnswers()
    {
        Started();
        using var folder = RunFolder.Open(temp.Path);

        FluentActions.Invoking(() => RunClaim.Take(folder, MadeRuns.Manifest(MadeRuns.Config()), ResumeMode.Never))
            .Should().Throw<ArgumentException>().WithMessage("*holds 1 answers*");
    }

    [Test]
    public void Take_Discard_BeginsAnew()
    {
        Started();
        using (var folder = RunFolder.Open(temp.Path))
        {
            RunClaim.Take(folder, MadeRuns.Manifest(MadeRuns.Config("quick", "seed=7")), ResumeMode.Discard);
        }

        RunManifest.Read(temp.Path).Config.Generation.Seed.Should().Be(7);
        RunFolder.Peek(temp.Path).Should().BeEmpty();
    }

    [Test]
    public void Take_OfAJournalWithoutManifest_IsRefused()
    {
        Started();
        File.Delete(RunFolder.Manifest(temp.Path));
        using var folder = RunFolder.Open(temp.Path);

        FluentActions.Invoking(() => RunClaim.Take(folder, MadeRuns.Manifest(MadeRuns.Config()), ResumeMode.Same))
            .Should().Throw<ArgumentException>().WithMessage("*without run.json*");
    }

    [Test]
    public void Read_OfAManifestOfAnotherVersion_SaysSo()
    {
        File.WriteAllText(RunFolder.Manifest(temp.Path), """{"config": {}}""");

        FluentActions.Invoking(() => RunManifest.Read(temp.Path)).Should().Throw<InvalidDataException>().WithMessage("*run.json is no run of this version*");
    }

    [Test]
    public void Manifest_OfEveryShippedConfiguration_IsReadAsWritten([Values("quick", "entropy", "intervention", "tokens", "controls", "passk")] string name)
    {
        var manifest = MadeRuns.Manifest(MadeRuns.Config(name));
        manifest.Write(temp.Path);

        manifest.DifferencesTo(RunManifest.Read(temp.Path)).Should().BeEmpty();
    }

    // Answers whose draws or choices all questions shared are no part of a run whose questions have their own.
    [TestCase("passk", 2, "2 there, 3 (each question has draws of its own) here")]
    [TestCase("entropy", 2, "2 there, 4 (each question has draws and random choices of its own) here")]
    [TestCase("study-selection", 3, "3 (each question has draws of its own) there, 4 (each question has draws and random choices of its own) here")]
    [TestCase("controls", 2, "2 there, 4 (each question has draws and random choices of its own) here")]
    public void Take_OfARunOfTheFormBefore_SaysWhatHasChanged(string name, int before, string change)
    {
        var manifest = MadeRuns.Manifest(MadeRuns.Config(name));
        manifest = manifest with { JournalForm = JournalKeys.FormOf(manifest.Config) };

        (manifest with { JournalForm = before }).DifferencesTo(manifest).Should().Equal($"journal form: {change}");
    }

    [Test]
    public void FormOf_GreedyAnswersWithoutRandomChoices_IsTheOneOfBefore() =>
        JournalKeys.FormOf(MadeRuns.Config()).Should().Be(2, "nothing is drawn, and their journals go on");

    private void Started()
    {
        using var folder = RunFolder.Open(temp.Path);
        RunClaim.Take(folder, MadeRuns.Manifest(MadeRuns.Config()), ResumeMode.Same);
        folder.Add([MadeRuns.Entry(MadeRuns.Row("none", "a", true))]);
    }
}
