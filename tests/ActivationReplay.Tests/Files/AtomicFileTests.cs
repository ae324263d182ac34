using ActivationReplay.Files;
using ActivationReplay.Tests.Checkpoints;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Files;

public sealed class AtomicFileTests
{
    private TempFolder folder = null!;

    private string Target => folder.PathOf("table.csv");

    [SetUp]
    public void Create() => folder = new TempFolder();

    [TearDown]
    public void Delete() => folder.Dispose();

    [Test]
    public void Write_ThatFailsHalfWay_LeavesTheOldFileAndNothingElse()
    {
        File.WriteAllText(Target, "old");

        FluentActions.Invoking(() => AtomicFile.Write(Target, stream =>
        {
            stream.Write("half of the ne"u8);
            stream.Flush();
            throw new IOException("no space left");
        })).Should().Throw<IOException>().WithMessage("no space left");

        File.ReadAllText(Target).Should().Be("old");
        Directory.GetFiles(folder.Path).Should().ContainSingle();
    }

    [Test]
    public void Write_WhileSomebodyReads_LeavesHimTheOldContent()
    {
        File.WriteAllText(Target, "old");
        using var reader = new StreamReader(new FileStream(Target, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));

        AtomicFile.WriteText(Target, "new");

        reader.ReadToEnd().Should().Be("old");
        File.ReadAllText(Target).Should().Be("new");
        Directory.GetFiles(folder.Path).Should().ContainSingle();
    }

    [Test]
    public void WriteText_IsUtf8WithoutAByteOrderMark()
    {
        AtomicFile.WriteText(Target, "é\n");

        File.ReadAllBytes(Target).Should().Equal(0xC3, 0xA9, (byte)'\n');
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "Links and permissions are Unix's.")]
    public void Write_OverALink_LeavesWhatItPointsTo()
    {
        File.WriteAllText(folder.PathOf("kept"), "kept");
        File.CreateSymbolicLink(Target, folder.PathOf("kept"));

        AtomicFile.Write(Target, stream => stream.Write("new"u8), UnixFileMode.UserRead | UnixFileMode.UserWrite);

        File.ReadAllText(folder.PathOf("kept")).Should().Be("kept");
        File.ReadAllText(Target).Should().Be("new");
        new FileInfo(Target).UnixFileMode.Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Test]
    public void Contents_AreWhatCounts_NotHiddenFilesOrLogs()
    {
        FolderContents.Of(folder.PathOf("none")).Should().BeEmpty();
        foreach (var name in new[] { ".lock", "slurm-7.out", "run.log", "b", "a", "c", "d", "e", "f" })
        {
            File.WriteAllText(folder.PathOf(name), "");
        }

        var contents = FolderContents.Of(folder.Path);
        contents.Should().Equal("a", "b", "c", "d", "e", "f");
        FolderContents.Say(contents).Should().Be("a, b, c, d and 2 more");
        FolderContents.Say(["a"]).Should().Be("a");
        FluentActions.Invoking(() => FolderContents.Of(folder.PathOf("a"))).Should().Throw<ArgumentException>().WithMessage("*a is a file; a folder belongs there*");
    }
}
