using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Tests.Checkpoints;
using ActivationReplay.Verification;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;
using static ActivationReplay.Tests.Evaluation.DatasetFiles;

namespace ActivationReplay.Tests.Evaluation;

public sealed class TsvDatasetTests
{
    private const string Header = "index\timage\tquestion\thint\tA\tB\tanswer\tcategory";

    private TempFolder folder = null!;

    [SetUp]
    public void Create() => folder = new TempFolder();

    [TearDown]
    public void Delete() => folder.Dispose();

    [TestCaseSource(typeof(DatasetFiles), nameof(Folders))]
    public void Mcq_HasItsOptionsHintsAndPictures(string files)
    {
        var rows = Dataset.Open(Path.Combine(files, "mcq.tsv"));

        rows.Select(r => r.Error).Should().OnlyContain(e => e == null);
        rows.Select(r => r.Id).Should().Equal("10", "11", "12", "13", "14", "15", "16", "17");
        var first = rows[0].Sample!;
        first.Kind.Should().Be(AnswerKind.MultipleChoice);
        first.Choices.Should().Equal(new Dictionary<string, string> { ["A"] = "0", ["B"] = "2", ["C"] = "7", ["D"] = "-1.0" });
        (first.Hint, first.Answer, first.Family).Should().Be(("Add them.", "B", "sum"));
        rows[1].Sample!.Choices!.Keys.Should().Equal("A", "B", "C");
        rows[1].Sample!.Hint.Should().BeNull();
        rows[6].Sample!.Question.Should().Be("A \"quoted\"\tquestion,\nover two lines?");
        // Row 13's image is only the index of row 12.
        rows[3].Sample!.Images.Single().Read().ToArray().Should().Equal(rows[2].Sample!.Images.Single().Read().ToArray());
        rows.Select(r => ImageDecoder.Decode(r.Sample!.Images.Single()).Width).Should().OnlyContain(w => w > 0);
    }

    [TestCaseSource(typeof(DatasetFiles), nameof(Folders))]
    public void Open_AsksTheQuestionAsItIs(string files)
    {
        var rows = Dataset.Open(Path.Combine(files, "open.tsv"));

        rows.Should().HaveCount(6).And.OnlyContain(r => r.Sample!.Kind == AnswerKind.Open && r.Sample.Prompt == r.Sample.Question);
        rows[1].Sample!.Answer.Should().Be("0.25");
    }

    [TestCaseSource(typeof(DatasetFiles), nameof(Folders))]
    public void TwoImages_AreTwoPicturesInOrder(string files)
    {
        var rows = Dataset.Open(Path.Combine(files, "two-images.tsv"));

        rows.Should().HaveCount(4);
        foreach (var sample in rows.Select(r => r.Sample!))
        {
            sample.Images.Should().HaveCount(2);
            // The answer, second, is the wider one.
            ImageDecoder.Decode(sample.Images[0]).Width.Should().BeLessThan(ImageDecoder.Decode(sample.Images[1]).Width);
            sample.Conversation().Single().Content.Select(p => p.GetType().Name).Should().Equal("ImagePart", "ImagePart", "TextPart");
        }
    }

    [TestCase("1\t\tq\t\ta\tb\tA\t", "line 2 ('1'): it has no picture*")]
    [TestCase("1\t!no base64!\tq\t\ta\tb\tA\t", "line 2 ('1'): 'image' is '!no base64!'*neither*")]
    [TestCase("1\t7\tq\t\ta\tb\tA\t", "line 2 ('1'): 'image' is '7'*nor the index*")]
    [TestCase("1\t1\tq\t\ta\tb\tA\t", "*back to itself")]
    [TestCase("1\tPIC!\tq\t\ta\tb\tA\t", "*neither base64*")]
    [TestCase("1\t\"[\"\"PIC\"\", \"\"x!\"\"]\"\tq\t\ta\tb\tA\t", "*picture 2 of 'image' is not base64")]
    [TestCase("1\t[]\tq\t\ta\tb\tA\t", "*empty list")]
    [TestCase("1\t[PIC]\tq\t\ta\tb\tA\t", "*a list of texts is written*")]
    [TestCase("1\tPIC\t\t\ta\tb\tA\t", "*'question' is missing")]
    [TestCase("1\tPIC\tq\t\ta\tb\t\t", "*'answer' is missing")]
    [TestCase("1\tPIC", "*'question' is missing")]
    [TestCase("1\tPIC\tq\t\ta\tb\tC\t", "*'C' is no option; the letters are A, B")]
    [TestCase("1\tPIC\tq\t\ta\tb\tAC\t", "*'AC' is no option*")]
    [TestCase("1\tPIC\tq\t\tx\tx\tx\t", "*any of A, B*")]
    [TestCase("1\tPIC\tq\t\ta\tb\tA\tc\textra", "*9 cells, the header 8*")]
    [TestCase("1\tPIC\tq\0q\t\ta\tb\tA\t", "*'question' holds a NUL*")]
    [TestCase("\tPIC\tq\t\ta\tb\tA\t", "line 2: 'index' is missing")]
    public void ABadRow_IsAnErrorRowBesideGoodOnes(string row, string error)
    {
        var rows = Tsv(folder.Path, Header, row.Replace("PIC", Picture, StringComparison.Ordinal), Good("2"));

        rows[0].Sample.Should().BeNull();
        rows[0].Error.Should().Match(error);
        rows.Skip(1).Should().OnlyContain(r => r.Sample != null);
    }

    [Test]
    public void References_AreFollowedForwardsAndInChains_AndCyclesAreErrors()
    {
        var rows = Tsv(
            folder.Path, Header, Row("a", "b"), Row("b", "c"), Good("c"), Row("x", "y"), Row("y", "z"), Row("z", "y"), Row("p", "n"), Row("n", ""));

        rows[0].Sample!.Images.Single().Name.Should().Contain("row c");
        rows.Skip(3).Take(3).Select(r => r.Error).Should().OnlyContain(e => e!.Contains("back to itself", StringComparison.Ordinal));
        rows[6].Error.Should().Contain("row 'n', which has no picture");
    }

    [Test]
    public void AReference_ToARowWhoseQuestionIsBad_HasItsPicture()
    {
        var rows = Tsv(folder.Path, Header, Good("1").Replace("\tq\t", "\t\t", StringComparison.Ordinal), Row("2", "1"));

        rows[0].Error.Should().NotBeNull();
        rows[1].Sample!.Images.Single().Read().ToArray().Should().Equal(Png(8));
    }

    [Test]
    public void LineEndsAndByteOrderMarks_DoNotMatter()
    {
        var plain = Tsv(folder.Path, Header, Good("1"), "", Good("2"));

        foreach (var end in new[] { "\n", "\r\n", "\r" })
        {
            var text = "\uFEFF" + string.Join(end, Header, Good("1"), "", Good("2"));
            Open(folder.Path, "data.tsv", text).Select(r => (r.Id, r.Sample!.Prompt)).Should().Equal(plain.Select(r => (r.Id, r.Sample!.Prompt)));
            Dataset.Open(folder.PathOf("data.tsv"))[1].Sample!.Images[0].Read().ToArray().Should().Equal(Png(8));
        }
    }

    [Test]
    public void QuotedCells_KeepLineEndsTabsAndQuotes_AndLinesAreCounted()
    {
        var rows = Tsv(folder.Path, Header, $"1\t{Picture}\t\"a\r\n\tb \"\"c\"\"\n\"tail\t\ta \"x\" b\tb\tA\t", $"2\t{Picture}\t\t\ta\tb\tA\t");

        rows[0].Sample!.Question.Should().Be("a\r\n\tb \"c\"\ntail");
        rows[0].Sample!.Choices!["A"].Should().Be("a \"x\" b");
        rows[1].Error.Should().StartWith("line 5");
    }

    [Test]
    public void AQuoteThatIsNeverClosed_IsAnErrorRowThatSaysWhatIsLost()
    {
        var rows = Tsv(folder.Path, Header, Good("1"), $"2\t{Picture}\t\"q\t\ta\tb\tA\t", Good("3"));

        rows.Should().HaveCount(2);
        rows[0].Sample.Should().NotBeNull();
        rows[1].Error.Should().Be("line 3: a quote is never closed; the rest of the file belongs to it");
    }

    [Test]
    public void ALongCell_IsReadWhole()
    {
        var question = new string('x', 1_000_000) + "\"é";
        var rows = Tsv(folder.Path, Header, $"1\t{Picture}\t\"{question.Replace("\"", "\"\"", StringComparison.Ordinal)}\"\t\ta\tb\tA\t", Good("2"));

        rows[0].Sample!.Question.Should().Be(question);
        rows[1].Sample!.Images[0].Read().ToArray().Should().Equal(Png(8));
    }

    [TestCase("index\timage\tquestion\n", "*lacks the columns answer; it has index, image, question")]
    [TestCase("index\tquestion\tanswer\n", "*lacks the columns image (or image_path)*")]
    [TestCase("\n", "*empty*")]
    [TestCase("index\timage\tquestion\tanswer\n", "*no rows*")]
    [TestCase("index\timage\tquestion\tanswer\tanswer\n", "*'answer' stands there twice*")]
    public void AFileThatNoRowCanBeReadOf_IsRefused(string text, string problem) =>
        FluentActions.Invoking(() => Open(folder.Path, "data.tsv", text)).Should().Throw<DatasetException>().WithMessage(problem);

    [Test]
    public void TwoRowsWithOneIndex_AreRefused() =>
        FluentActions.Invoking(() => Tsv(folder.Path, Header, Good("1"), Good("1")))
            .Should().Throw<DatasetException>().WithMessage("*line 3: the id '1' stands on line 2, too*");

    [Test]
    public void OtherEncodings_AreErrors()
    {
        FluentActions.Invoking(() => Open(folder.Path, "data.tsv", [0xFF, 0xFE, .. System.Text.Encoding.Unicode.GetBytes(Header)]))
            .Should().Throw<DatasetException>().WithMessage("*UTF-16*");
        var rows = Open(folder.Path, "data.tsv", [.. System.Text.Encoding.Latin1.GetBytes($"{Header}\n{Good("1")}\n2\t{Picture}\té\t\ta\tb\tA\t\n")]);
        rows[0].Sample.Should().NotBeNull();
        rows[1].Error.Should().Contain("UTF-8");
    }

    [Test]
    public void Pictures_InPythonListsAndDataAddresses_AreRead()
    {
        var rows = Tsv(folder.Path, Header, Row("1", $"['{Picture}', \"{Picture}\"]"), Row("2", $"data:image/png;base64,{Picture}"));

        rows[0].Sample!.Images.Should().HaveCount(2);
        rows.SelectMany(r => r.Sample!.Images).Should().OnlyContain(i => i.Read().ToArray().SequenceEqual(Png(8)));
    }

    [Test]
    public void AFileThatChangedSince_IsAnErrorOfThePicture()
    {
        var image = Tsv(folder.Path, Header, Good("1"))[0].Sample!.Images[0];
        File.WriteAllText(folder.PathOf("data.tsv"), Header + "\n");

        image.Invoking(i => i.Read()).Should().Throw<MediaException>().WithMessage("*row 1*");
    }

    [Test]
    public void ImagePaths_AreFilesBesideTheDataSet()
    {
        File.WriteAllBytes(folder.PathOf("a.png"), Png(9));
        var rows = Tsv(
            folder.Path,
            "index\timage\timage_path\tquestion\tanswer",
            "1\t\ta.png\tq\tx",
            "2\t\t\"[\"\"a.png\"\", \"\"a.png\"\"]\"\tq\tx",
            "3\t\t['a.png']\tq\tx",
            $"4\t{Picture}\tnone.png\tq\tx",
            "5\t\t../a.png\tq\tx",
            "6\t\t/etc/passwd\tq\tx",
            "7\t1\t\tq\tx");

        rows.Select(r => r.Sample?.Images.Count ?? 0).Should().Equal(1, 2, 1, 1, 0, 0, 1);
        rows.Take(3).SelectMany(r => r.Sample!.Images).Should().OnlyContain(i => i.Name == folder.PathOf("a.png"));
        rows[3].Sample!.Images[0].Read().ToArray().Should().Equal(Png(8));
        rows[4].Error.Should().Contain("outside the data set's folder");
        rows[5].Error.Should().Contain("outside the data set's folder");
    }

    [Test]
    public void ALink_ThatLeavesTheFolder_IsAnError()
    {
        using var other = new TempFolder();
        File.WriteAllBytes(other.PathOf("secret.png"), Png(9));
        Directory.CreateDirectory(folder.PathOf("in"));
        File.WriteAllBytes(folder.PathOf("in", "a.png"), Png(9));
        File.CreateSymbolicLink(folder.PathOf("file.png"), other.PathOf("secret.png"));
        Directory.CreateSymbolicLink(folder.PathOf("up"), other.Path);
        Directory.CreateSymbolicLink(folder.PathOf("inner"), "in");
        File.CreateSymbolicLink(folder.PathOf("loop.png"), "loop.png");
        var rows = Tsv(
            folder.Path,
            "index\timage_path\tquestion\tanswer",
            "1\tfile.png\tq\tx",
            "2\tup/secret.png\tq\tx",
            "3\tinner/a.png\tq\tx",
            "4\tloop.png\tq\tx");

        rows.Select(r => r.Error is null).Should().Equal(false, false, true, false);
        rows[2].Sample!.Images[0].Read().ToArray().Should().Equal(Png(9));
    }

    [Test]
    public void Reading_TakesTheMemoryOfTheTextAlone()
    {
        const int Rows = 48;
        var picture = Convert.ToBase64String(new byte[1 << 20]);
        var path = folder.PathOf("large.tsv");
        using (var writer = new StreamWriter(path))
        {
            writer.Write("index\timage\tquestion\tanswer\n");
            for (var i = 0; i < Rows; i++)
            {
                writer.Write($"{i}\t{picture}\tq\tx\n");
            }
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        var rows = Dataset.Open(path);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        // The window that holds the longest row doubles from 64 KB; nothing of a row stays but its text.
        allocated.Should().BeLessThan(8 << 20, "the file has {0} bytes", new FileInfo(path).Length);
        rows[^1].Sample!.Images[0].Read().Length.Should().Be(1 << 20);
    }

    [TestCaseSource(typeof(DatasetFiles), nameof(Folders))]
    public void Writing_AndReadingAgain_GivesTheSameSamples(string files)
    {
        Sample[] samples =
        [
            .. new[] { "mcq.tsv", "two-images.tsv", "open.tsv" }.SelectMany(f => Dataset.Open(Path.Combine(files, f)))
                .Select((r, i) => r.Sample! with { Id = $"{i}" }),
            new Sample("y\"n", "Is it\r\n\"so\"?\t", [MediaFile.FromBytes("p", Png(8))], "yes") { Kind = AnswerKind.YesNo },
        ];

        TsvDatasetWriter.Write(folder.PathOf("data.tsv"), samples);

        var read = Dataset.Open(folder.PathOf("data.tsv")).Select(r => r.Sample!).ToArray();
        read.Select(s => (s.Id, s.Prompt, s.Answer, s.Family, s.Hint, s.Kind)).Should().Equal(samples.Select(s => (s.Id, s.Prompt, s.Answer, s.Family, s.Hint, s.Kind)));
        read.SelectMany(s => s.Images).Select(i => Convert.ToHexString(i.Read().Span))
            .Should().Equal(samples.SelectMany(s => s.Images).Select(i => Convert.ToHexString(i.Read().Span)));
    }

    private static string Good(string index) => Row(index, Picture);

    private static string Row(string index, string image) => $"{index}\t{image}\tq\t\ta\tb\tA\tc";
}
