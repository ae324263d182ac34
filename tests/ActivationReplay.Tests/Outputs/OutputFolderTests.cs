using ActivationReplay.Ablations.Outputs;
using ActivationReplay.Tests.Checkpoints;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Outputs;

public sealed class OutputFolderTests
{
    private TempFolder temp = null!;

    private string Target => temp.PathOf("out");

    [SetUp]
    public void Create() => temp = new TempFolder();

    [TearDown]
    public void Delete() => temp.Dispose();

    [Test]
    public void Commit_MovesEveryFileToItsPlace_AndSaysWhatMadeThem()
    {
        Make(("a.csv", "1"), ("pictures/0/kl.png", "2"));

        Content().Should().Equal("a.csv", "made-by.json", "pictures/0/kl.png");
        var made = MadeBy.Read(Target)!;
        (made.Command, made.Arguments, made.Finished).Should().Be(("lens", "lens --out out", true));
        made.Files.Should().Equal("a.csv", "pictures/0/kl.png");
    }

    [Test]
    public void Open_OfAnEarlierResult_IsRefused_UnlessItIsToBeReplaced()
    {
        Make(("a.csv", "old"), ("pictures/0/kl.png", "old"), ("pictures/1/kl.png", "old"));
        File.WriteAllText(Path.Combine(Target, "notes.md"), "mine");

        FluentActions.Invoking(() => Open()).Should().Throw<ArgumentException>().WithMessage("--out *out holds a result of *lens --out out*--overwrite replaces it*");
        Make(overwrite: true, ("a.csv", "new"), ("pictures/0/kl.png", "new"));

        Content().Should().Equal("a.csv", "made-by.json", "notes.md", "pictures/0/kl.png");
        File.ReadAllText(Path.Combine(Target, "a.csv")).Should().Be("new");
        File.ReadAllText(Path.Combine(Target, "notes.md")).Should().Be("mine");
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Open_OfWhatItDidNotMake_IsRefused(bool overwrite)
    {
        Directory.CreateDirectory(Target);
        File.WriteAllText(Path.Combine(Target, "holiday.png"), "mine");

        FluentActions.Invoking(() => Open(overwrite)).Should().Throw<ArgumentException>().WithMessage("--out *holds holiday.png, which lens did not make*new or empty folder*");
        new MadeBy("evaluate", "evaluate", "2026", true, []).Write(Target);
        FluentActions.Invoking(() => Open(overwrite)).Should().Throw<ArgumentException>().WithMessage("*holds what evaluate made*");
        Content().Should().Equal("holiday.png", "made-by.json");
    }

    [Test]
    public void Open_OfAFile_SaysThatAFolderBelongsThere()
    {
        File.WriteAllText(Target, "");

        FluentActions.Invoking(() => Open()).Should().Throw<ArgumentException>().WithMessage("*out is a file; a folder belongs there*");
    }

    [Test]
    public void ACommandThatFails_LeavesTheEarlierResult()
    {
        Make(("a.csv", "old"));
        var before = Bytes();

        using (var output = Open(overwrite: true, keepUnfinished: false))
        {
            File.WriteAllText(Path.Combine(output.Path, "a.csv"), "half");
        }

        Bytes().Should().BeEquivalentTo(before);
    }

    [Test]
    public void ACommandThatFails_InANewFolder_LeavesNone()
    {
        using (var output = Open(keepUnfinished: false))
        {
            File.WriteAllText(Path.Combine(output.Path, "a.csv"), "half");
        }

        Directory.Exists(Target).Should().BeFalse();
        Open().Dispose();
        Directory.Exists(Target).Should().BeFalse("nothing was computed");
    }

    [Test]
    public void AnUnfinishedResult_ReplacesNothing_AndIsKeptBesideIt()
    {
        Make(("a.csv", "old, 400 rows"));
        string place;
        using (var output = Open(overwrite: true))
        {
            File.WriteAllText(Path.Combine(output.Path, "a.csv"), "3 rows");
            place = output.CommitUnfinished();
        }

        File.ReadAllText(Path.Combine(Target, "a.csv")).Should().Be("old, 400 rows");
        File.ReadAllText(Path.Combine(place, "a.csv")).Should().Be("3 rows");
    }

    [Test]
    public void AnUnfinishedResult_InANewFolder_IsMarkedAsSuch()
    {
        using (var output = Open())
        {
            File.WriteAllText(Path.Combine(output.Path, "a.csv"), "3 rows");
            output.CommitUnfinished().Should().Be(Target);
        }

        Content().Should().Equal("a.csv", "made-by.json");
        FluentActions.Invoking(() => Open()).Should().Throw<ArgumentException>().WithMessage("*holds an unfinished result*");
    }

    [Test]
    public void Commit_OverAFileOfSomebodyElse_IsRefused_AndKeepsTheNewOnes()
    {
        Make(("a.csv", "old"));
        File.WriteAllText(Path.Combine(Target, "b.csv"), "mine");
        using var output = Open(overwrite: true);
        File.WriteAllText(Path.Combine(output.Path, "a.csv"), "new");
        File.WriteAllText(Path.Combine(output.Path, "b.csv"), "new");

        FluentActions.Invoking(output.Commit).Should().Throw<IOException>().WithMessage("*b.csv was not made by lens*");

        File.ReadAllText(Path.Combine(Target, "a.csv")).Should().Be("old");
        File.ReadAllText(Path.Combine(Target, "b.csv")).Should().Be("mine");
        File.Exists(Path.Combine(output.Path, "b.csv")).Should().BeTrue();
    }

    [TestCase("../victim")]
    [TestCase("/etc/passwd")]
    [TestCase("a/..\\..\\victim")]
    public void AMark_ThatNamesAFileOutside_IsNotBelieved(string name)
    {
        Directory.CreateDirectory(Target);
        new MadeBy("lens", "lens", "2026", true, [name]).Write(Target);

        FluentActions.Invoking(() => Open(overwrite: true)).Should().Throw<InvalidDataException>().WithMessage("*made-by.json*outside the folder*");
    }

    private OutputFolder Open(bool overwrite = false, bool keepUnfinished = true) =>
        OutputFolder.Open("--out", Target, "lens", "lens --out out", overwrite, keepUnfinished);

    private void Make(params (string Name, string Text)[] files) => Make(false, files);

    private void Make(bool overwrite, params (string Name, string Text)[] files)
    {
        using var output = Open(overwrite);
        foreach (var (name, text) in files)
        {
            var path = Path.Combine(output.Path, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }

        output.Commit();
    }

    private IEnumerable<string> Content() => FolderBytes.Of(Target).Keys.Order(StringComparer.Ordinal);

    private Dictionary<string, string> Bytes() => FolderBytes.Of(Target);
}
