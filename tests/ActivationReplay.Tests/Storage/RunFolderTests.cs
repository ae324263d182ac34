using ActivationReplay.Ablations.Storage;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Storage;

public sealed class RunFolderTests
{
    private string path = null!;

    [SetUp]
    public void Create() => path = Directory.CreateTempSubdirectory("journal").FullName;

    [TearDown]
    public void Delete() => Directory.Delete(path, recursive: true);

    [Test]
    public void Open_AfterATornLine_CutsItOffAndGoesOn()
    {
        using (var folder = RunFolder.Open(path))
        {
            folder.Add([Entry("a"), Entry("é")]);
        }

        var bytes = File.ReadAllBytes(RunFolder.Journal(path));
        File.WriteAllBytes(RunFolder.Journal(path), bytes[..^5]);
        using (var folder = RunFolder.Open(path))
        {
            folder.Entries.Keys.Should().Equal("a");
            folder.Add([Entry("é")]);
        }

        File.ReadAllBytes(RunFolder.Journal(path)).Should().Equal(bytes);
    }

    [Test]
    public void Open_OfABadLineInTheMiddle_NamesItsNumber()
    {
        File.WriteAllText(RunFolder.Journal(path), "{}\nnonsense\n");

        FluentActions.Invoking(() => RunFolder.Open(path)).Should().Throw<InvalidDataException>().WithMessage("*journal.jsonl, line 1*");
    }

    // Journals of earlier versions are read: the index has kept the name under which it is stored.
    [Test]
    public void Entries_AreStoredWithTheirIndexAsPlace()
    {
        using (var folder = RunFolder.Open(path))
        {
            folder.Add([Entry("a") with { Index = 7 }]);
        }

        File.ReadAllText(RunFolder.Journal(path)).Should().Contain("\"place\":7").And.NotContain("\"index\"");
        RunFolder.Peek(path).Should().ContainSingle().Which.Index.Should().Be(7);
    }

    [Test]
    public void Open_WhileAnotherHasIt_IsRefused()
    {
        using var first = RunFolder.Open(path);

        FluentActions.Invoking(() => RunFolder.Open(path)).Should().Throw<IOException>().WithMessage("*another process*");
    }

    [Test]
    public void Peek_WhileAnotherHasIt_ReadsWhatIsWhole()
    {
        using var folder = RunFolder.Open(path);
        folder.Add([Entry("a")]);

        RunFolder.IsHeld(path).Should().BeTrue();
        RunFolder.Peek(path).Select(e => e.Key).Should().Equal("a");
        folder.Add([Entry("b")]);
        folder.Entries.Should().HaveCount(2);
    }

    [Test]
    public void Dispose_GivesTheFolderBack()
    {
        RunFolder.Open(path).Dispose();

        RunFolder.IsHeld(path).Should().BeFalse();
        using var again = RunFolder.Open(path);
        again.Entries.Should().BeEmpty();
    }

    [Test]
    public void Add_OfAKeyAgain_TakesTheLaterOne()
    {
        using (var folder = RunFolder.Open(path))
        {
            folder.Add([Entry("a", "first")]);
            folder.Add([Entry("a", "second")]);
        }

        using var again = RunFolder.Open(path);
        again.Entries["a"].Row.Output.Should().Be("second");
    }

    private static JournalEntry Entry(string key, string output = "ü") => new(
        key,
        0,
        new SampleRow
        {
            Cell = "none",
            Sample = key,
            Output = output,
            Settings = new SettingColumns(new Dictionary<string, string> { ["method"] = "none" }),
        },
        [1.5, double.NaN]);
}
