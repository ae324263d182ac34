using System.IO.Compression;
using System.Text;
using ActivationReplay.Ablations.Bundles;
using ActivationReplay.Ablations.Commands;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Tests.Outputs;
using ActivationReplay.Tests.Storage;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Commands;

/// <summary><c>bundle</c>, and what reads a bundle. Names and sizes in it are data of a stranger.</summary>
public sealed class BundleCommandTests : CommandTest
{
    private string Run => Folder.PathOf("run");

    private string Zip => Folder.PathOf("other", "packed.zip");

    [SetUp]
    public void MakeRun()
    {
        Directory.CreateDirectory(Run);
        Directory.CreateDirectory(Folder.PathOf("other"));
        MadeRuns.Finished(Run);
        File.WriteAllText(Path.Combine(Run, "notes.txt"), "mine");
    }

    [Test]
    public async Task Bundle_HoldsTheRunAlone_AndTwoAreEqual()
    {
        (await Invoke("bundle", Run, "--out", Zip)).Should().Be(ExitCode.Success, Errors);
        (await Invoke("bundle", Run, "--out", Folder.PathOf("again.zip"))).Should().Be(ExitCode.Success, Errors);

        File.ReadAllBytes(Folder.PathOf("again.zip")).Should().Equal(File.ReadAllBytes(Zip));
        using var zip = ZipFile.OpenRead(Zip);
        zip.Entries.Select(e => e.FullName).Should().Contain(new[] { "bundle.json", "run.json", "journal.jsonl", "cells.csv", "passk.csv", "summary.md", "report.html", "plots/accuracy.png" })
            .And.NotContain(new[] { "notes.txt", ".lock" });
        using var contents = new StreamReader(zip.GetEntry("bundle.json")!.Open());
        contents.ReadToEnd().Should().Contain("\"run quick\"").And.Contain("\"base_fingerprint\": \"b0\"").And.Contain("\"libtorch\": \"2.10.0\"").And.NotContain(Folder.Path);
    }

    [Test]
    public async Task Bundle_IsNotWrittenOverOtherFiles_OrOfARunThatIsGoingOn()
    {
        File.WriteAllText(Zip, "mine");
        (await Invoke("bundle", Run, "--out", Zip, "--overwrite")).Should().Be(ExitCode.Usage);
        File.ReadAllText(Zip).Should().Be("mine");
        File.Delete(Zip);
        using (RunFolder.Open(Run))
        {
            (await Invoke("bundle", Run, "--out", Zip)).Should().Be(ExitCode.Usage);
        }

        Errors.Should().Contain("holds something else than a bundle").And.Contain("a process is writing this run");
        (await Invoke("bundle", Run, "--out", Zip)).Should().Be(ExitCode.Success, Errors);
        (await Invoke("bundle", Run, "--out", Zip)).Should().Be(ExitCode.Usage);
        (await Invoke("bundle", Run, "--out", Zip, "--overwrite")).Should().Be(ExitCode.Success, Errors);
    }

    [Test]
    public async Task Bundle_IsReadElsewhere_AndNeverWritten()
    {
        await Invoke("bundle", Run, "--out", Zip);
        var before = File.ReadAllBytes(Zip);
        (await Invoke("table", Run, "--out", Folder.PathOf("t1"))).Should().Be(ExitCode.Success, Errors);
        var original = FolderBytes.Of(Run);
        Directory.Delete(Run, recursive: true);

        (await Invoke("show", Zip)).Should().Be(ExitCode.Success, Errors);
        (await Invoke("table", Zip, "--out", Folder.PathOf("t2"))).Should().Be(ExitCode.Success, Errors);
        (await Invoke("merge", Zip, "--out", Folder.PathOf("merged"))).Should().Be(ExitCode.Success, Errors);
        (await Invoke("bundle", Zip, "--out", Folder.PathOf("again.zip"))).Should().Be(ExitCode.Success, Errors);
        (await Invoke("report", Zip)).Should().Be(ExitCode.Success, Errors);

        File.ReadAllBytes(Zip).Should().Equal(before);
        File.ReadAllBytes(Folder.PathOf("again.zip")).Should().Equal(before, "it is of the same run");
        FolderBytes.Of(Folder.PathOf("other", "packed")).Where(f => f.Key != ".lock").Should().BeEquivalentTo(original.Where(f => f.Key is not ("notes.txt" or ".lock")));
        File.ReadAllText(Folder.PathOf("merged", "cells.csv")).Should().Be(Encoding.UTF8.GetString(Convert.FromBase64String(original["cells.csv"])));
        File.ReadAllText(Folder.PathOf("t2", "table.csv")).Should().Be(File.ReadAllText(Folder.PathOf("t1", "table.csv")).Replace(",accuracy,run,", ",accuracy,packed.zip,", StringComparison.Ordinal));

        (await Invoke("report", Zip)).Should().Be(ExitCode.Usage, "the folder beside it is there now");
        Errors.Should().Contain("is a bundle, which is never written");
    }

    [Test]
    public async Task Bundle_OfTablesAlone_IsShown_AndItsReportIsRefusedByItsName()
    {
        File.Delete(RunFolder.Journal(Run));
        await Invoke("bundle", Run, "--out", Zip);

        (await Invoke("show", Zip)).Should().Be(ExitCode.Success, Errors);
        (await Invoke("report", Zip)).Should().Be(ExitCode.Usage);

        Errors.Should().Contain($"{Zip} holds tables of 12 answers, but not the journal");
        Directory.GetFileSystemEntries(Folder.PathOf("other")).Should().Equal(Zip);
    }

    [Test]
    public async Task BundlesOfShards_MergeAsTheirFoldersDo()
    {
        foreach (var (shard, cells) in new[] { ("1/2", "0110"), ("2/2", "1011") })
        {
            var path = Folder.PathOf(shard[..1]);
            Directory.CreateDirectory(path);
            (MadeRuns.Manifest(MadeRuns.Config()) with { Shard = shard }).Write(path);
            using var part = RunFolder.Open(path);
            part.Add(cells.Select((c, i) => MadeRuns.Entry(MadeRuns.Row("none", shard[..1] + i, c == '1'), i)));
        }

        await Invoke("bundle", Folder.PathOf("2"), "--out", Zip);
        (await Invoke("merge", Folder.PathOf("1"), Zip, "--out", Folder.PathOf("m1"))).Should().Be(ExitCode.RowsFailed, "only one cell has its answers");
        (await Invoke("merge", Folder.PathOf("1"), Folder.PathOf("2"), "--out", Folder.PathOf("m2"))).Should().Be(ExitCode.RowsFailed);

        FolderBytes.Of(Folder.PathOf("m1")).Should().BeEquivalentTo(FolderBytes.Of(Folder.PathOf("m2")));
    }

    [Test]
    public void ADamagedByte_IsAnErrorWithThePath_OrChangesNothing()
    {
        Directory.Delete(Path.Combine(Run, "plots"), recursive: true);
        File.Delete(Path.Combine(Run, "report.html"));
        var whole = Packed();
        var original = FolderBytes.Of(Run);
        var found = 0;
        // A step without common divisors with the sizes of headers: all their fields are hit.
        for (var at = 0; at < whole.Length; at += 17)
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= 0x11;
            File.WriteAllBytes(Zip, damaged);
            var target = Directory.CreateTempSubdirectory().FullName;
            try
            {
                RunBundle.Unpack(Zip, target);
                FolderBytes.Of(target).All(f => original[f.Key] == f.Value).Should().BeTrue("byte {0} decides nothing", at);
            }
            catch (InvalidDataException e)
            {
                found++;
                e.Message.Should().StartWith(Zip + ", ");
            }
            finally
            {
                Directory.Delete(target, recursive: true);
            }
        }

        found.Should().BeGreaterThan(100);
    }

    [Test]
    public void AShortFile_IsAnErrorWithThePath([Values(10, 50, 90)] int percent)
    {
        File.WriteAllBytes(Zip, Packed()[..^(percent * 10)]);

        Refused("as a whole");
    }

    [TestCase("../escaped.csv")]
    [TestCase("/tmp/escaped.csv")]
    [TestCase("plots/../../escaped.csv")]
    [TestCase("C:escaped.csv")]
    [TestCase(@"..\escaped.csv")]
    [TestCase(".lock")]
    [TestCase("plots/.hidden")]
    [TestCase("a/b/c.csv")]
    [TestCase("CELLS.csv")]
    public void ANameThatIsNoFileOfARun_IsRefused(string name)
    {
        Change((zip, contents) => contents with { Files = [.. contents.Files, Added(zip, name, "x")] });

        Refused("bundle.json").Should().Contain("is no name of a run's file");
    }

    [Test]
    public void AChangedFile_IsNamed()
    {
        Change((zip, contents) =>
        {
            zip.GetEntry("cells.csv")!.Delete();
            Added(zip, "cells.csv", new string('x', (int)contents.Files.Single(f => f.Name == "cells.csv").Bytes));
            return contents;
        });

        Refused("cells.csv").Should().Contain("SHA-256");
    }

    [Test]
    public void AFileThatIsLongerThanItSays_EndsThere()
    {
        Change((zip, contents) =>
        {
            zip.GetEntry("cells.csv")!.Delete();
            Added(zip, "cells.csv", new string('x', 10_000_000));
            return contents;
        });

        Refused("cells.csv").Should().Contain("holds more than the");
    }

    [Test]
    public void ABombThatSaysSo_IsRefusedBeforeItIsUnpacked()
    {
        Change((zip, contents) => contents with { Files = [.. contents.Files, Added(zip, "zz.csv", "x") with { Bytes = 1L << 40 }] });

        Refused("zz.csv").Should().Contain("which no run of this size does");
    }

    [Test]
    public void AnEntryThatIsNotNamed_AMissingOne_AndAnotherRunsContents_AreRefused()
    {
        Change((zip, contents) =>
        {
            Added(zip, "more.csv", "x");
            return contents;
        });
        Refused("more.csv");
        Change((zip, contents) =>
        {
            zip.GetEntry("cells.csv")!.Delete();
            return contents;
        });
        Refused("cells.csv");
        Change((_, contents) => contents with { RlvrFingerprint = "another" });
        Refused("bundle.json").Should().Contain("does not say what run.json says");
        Change((_, contents) => contents with { Form = 2 });
        Refused("bundle.json").Should().Contain("another version");
    }

    [Test]
    public async Task AnotherFile_IsNoRun()
    {
        File.WriteAllText(Zip, "PK, but no zip");

        (await Invoke("show", Zip)).Should().Be(ExitCode.Usage);

        Errors.Should().Contain("is a file, and no bundle");
    }

    private byte[] Packed()
    {
        File.Delete(Zip);
        RunBundle.Write(StoredRun.Read(Run), Zip);
        return File.ReadAllBytes(Zip);
    }

    private void Change(Func<ZipArchive, BundleContents, BundleContents> change)
    {
        Packed();
        using var zip = ZipFile.Open(Zip, ZipArchiveMode.Update);
        var entry = zip.GetEntry("bundle.json")!;
        var memory = new MemoryStream();
        using (var stream = entry.Open())
        {
            stream.CopyTo(memory);
        }

        entry.Delete();
        var changed = change(zip, BundleContents.Parse(memory.ToArray()));
        using var written = zip.CreateEntry("bundle.json").Open();
        written.Write(changed.ToJson());
    }

    private static BundleFile Added(ZipArchive zip, string name, string text)
    {
        using var stream = zip.CreateEntry(name).Open();
        var bytes = Encoding.UTF8.GetBytes(text);
        stream.Write(bytes);
        return new BundleFile(name, bytes.Length, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)));
    }

    private string Refused(string entry)
    {
        var before = FolderBytes.Of(Folder.Path);
        var error = FluentActions.Invoking(() => RunSource.Open(Zip)).Should().Throw<InvalidDataException>().Which.Message;
        error.Should().StartWith($"{Zip}, {entry}: ");
        FolderBytes.Of(Folder.Path).Should().BeEquivalentTo(before, "nothing was written");
        return error;
    }
}
