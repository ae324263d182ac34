using System.Text.RegularExpressions;
using ActivationReplay.Ablations.Reports;
using ActivationReplay.Ablations.Storage;
using ActivationReplay.Evaluation.Datasets;
using FluentAssertions;
using NUnit.Framework;
using SkiaSharp;

namespace ActivationReplay.Tests.Reports;

public sealed partial class RunPageTests
{
    private const string Hostile = "</pre></td><script>alert(1)</script><img src=x onerror=alert(2)>\0\u0008\uD800 \" & '";

    private string folder = null!;

    [SetUp]
    public void Create() => folder = Directory.CreateTempSubdirectory("report").FullName;

    [TearDown]
    public void Delete() => Directory.Delete(folder, recursive: true);

    [Test]
    public void Page_OfARun_HasEveryCellAndAsksForNothingElse()
    {
        (string Id, string Method)[] cells = [("base", "base"), ("none", "none"), ("replay selection=low", "replay"), ("replay selection=high", "replay")];
        var manifest = FakeRun.Manifest("gone.jsonl", 1, cells);

        var page = Write(manifest, [.. cells.SelectMany(c => Enumerable.Range(0, 5).Select(i => FakeRun.Entry(
            manifest, c.Id, i, i % 2 == 0, losses: c.Method == "replay" ? [0.5, 0.2, 0.1] : [])))]);

        foreach (var (id, _) in cells)
        {
            Regex.Count(page, $"<th scope=\"row\">{Regex.Escape(id)}</th>").Should().Be(1);
        }

        AddressOf().Matches(page).Select(m => m.Groups[1].Value[..5]).Should().NotBeEmpty().And.OnlyContain(a => a == "data:");
        page.Should().NotContain("@import").And.NotContain("url(").And.Contain("default-src 'none'");
        Images().Should().BeEquivalentTo("accuracy.png", "difference.png", "loss.png", "time.png", "cost.png");
    }

    [Test]
    public void Page_OfHostileText_EscapesAll()
    {
        var manifest = FakeRun.Manifest("gone.jsonl", 1, ("none", "none"), ("replay <b>x", "replay")) with { Command = $"run {Hostile}" };
        var row = new DatasetRow(Hostile, new Sample(Hostile, Hostile, [], "4"), null);

        var page = Write(
            manifest,
            [
                FakeRun.Entry(manifest, "none", 0, false, output: Hostile, row: row),
                FakeRun.Entry(manifest, "replay <b>x", 0, true, output: Hostile, row: row),
                FakeRun.Entry(manifest, "none", 1, null, error: Hostile),
            ]);

        Regex.Count(page, "<script").Should().Be(1, "the page's own");
        page.Should().NotContain("<img src=x").And.NotContain("<b>x").And.NotContain("\0").And.Contain("&lt;script&gt;alert(1)");
    }

    [Test]
    public void Page_OfADatasetThatIsGone_SaysSoInPlaceOfThePicture()
    {
        var manifest = FakeRun.Manifest(Path.Combine(folder, "gone.jsonl"), 1, ("none", "none"), ("replay", "replay"));

        Write(manifest, [FakeRun.Entry(manifest, "none", 0, false), FakeRun.Entry(manifest, "replay", 0, true)])
            .Should().Contain("The data set cannot be read").And.Contain("gone.jsonl");
    }

    [Test]
    public void Page_ShowsPicturesWithTheirEntropies_UnlessTheyChanged()
    {
        var manifest = FakeRun.Manifest(DatasetWithPicture(SKColors.Red), 1, ("none", "none"), ("replay", "replay"));
        var row = Dataset.Open(manifest.Config.Dataset)[0];
        var map = new EntropyMap([new TokenGrid(2, 3)], [0.1, 1, 2, 3, 4, 5.25], [3, 3, 2, 1, 0, 0], 3);
        JournalEntry[] entries =
        [
            FakeRun.Entry(manifest, "none", 0, false, row: row), FakeRun.Entry(manifest, "replay", 0, true, entropy: map, row: row),
        ];

        var page = Write(manifest, entries);
        page.Should().Contain("alt=\"the picture\"").And.Contain("entropies over the picture").And.Contain("5.25 nats")
            .And.Contain("outlined: 3 of 6 tokens");

        DatasetWithPicture(SKColors.Blue);
        Write(manifest, entries).Should().NotContain("alt=\"the picture\"").And.Contain("changed in the data set since");
    }

    [Test]
    public void Gallery_ShowsTheFirstTwentyFourAndSaysHowManyThereAre()
    {
        var manifest = FakeRun.Manifest("gone.jsonl", 1, ("none", "none"), ("replay", "replay"));

        var page = Write(manifest, [.. Enumerable.Range(0, 30).SelectMany(i => new[]
        {
            FakeRun.Entry(manifest, "none", i, false), FakeRun.Entry(manifest, "replay", i, true),
        })]);

        Regex.Count(page, "<article>").Should().Be(24);
        page.Should().Contain("The first 24 of 30");
    }

    [Test]
    public void Page_OfALoopThatRaisedItsLoss_Warns()
    {
        var manifest = FakeRun.Manifest("gone.jsonl", 1, ("none", "none"), ("replay", "replay"));
        JournalEntry Loop(double last)
        {
            var entry = FakeRun.Entry(manifest, "replay", 0, true, losses: [0.1, last]);
            return entry with { Row = entry.Row with { LossFirst = 0.1, LossLast = last } };
        }

        Write(manifest, [FakeRun.Entry(manifest, "none", 0, false), Loop(0.2)]).Should().Contain("Warning: the loop ended above its first loss on 1 of 1 questions");
        Write(manifest, [FakeRun.Entry(manifest, "none", 0, false), Loop(0.05)]).Should().NotContain("Warning:");
    }

    [Test]
    public void Page_OfOneCell_Works()
    {
        var manifest = FakeRun.Manifest("gone.jsonl", 1, ("base", "base"));

        Write(manifest, [FakeRun.Entry(manifest, "base", 0, true)]).Should().Contain("100.0% of 1 question");
        Images().Should().BeEquivalentTo("accuracy.png", "time.png", "cost.png");
    }

    [Test]
    public void Page_OfErrorsAlone_ListsThem()
    {
        var manifest = FakeRun.Manifest("gone.jsonl", 1, ("none", "none"), ("replay", "replay"));

        Write(manifest, [FakeRun.Entry(manifest, "none", 0, null, error: "no picture"), FakeRun.Entry(manifest, "replay", 0, null, error: "no picture")])
            .Should().Contain("all 2 rows are errors").And.Contain("no picture").And.Contain("nothing to draw");
        Images().Should().BeEmpty();
    }

    [Test]
    public void Page_BeforeAnyAnswer_SaysSo() =>
        Write(FakeRun.Manifest("gone.jsonl", 1, ("none", "none"), ("replay", "replay")), []).Should().Contain("Nothing has been computed yet");

    [Test]
    public void Plots_OfFortyCellsAndSeveralAnswers_AreDrawn()
    {
        (string Id, string Method)[] cells =
        [
            ("base", "base"), ("none", "none"),
            .. Enumerable.Range(0, 38).Select(i => ($"replay selection=random threshold=max-fraction:0.{i:00} learning-rate=10", "replay")),
        ];
        var manifest = FakeRun.Manifest("gone.jsonl", 2, cells);

        Write(manifest, [.. cells.Index().SelectMany(c => Enumerable.Range(0, 6).Select(i => FakeRun.Entry(
            manifest, c.Item.Id, i / 2, (i * c.Index % 5) < 2, i % 2, losses: i % 2 == 0 && c.Item.Method == "replay" ? [1 + c.Index, 0.1] : null)))]);

        Images().Should().BeEquivalentTo(
            "accuracy.png", "difference.png", "pass-at-k.png", "loss.png", "time.png", "cost.png", "dose.png", "dose-coverage.png");
    }

    private string Write(RunManifest manifest, IReadOnlyList<JournalEntry> entries)
    {
        manifest.Write(folder);
        RunPage.Write(folder, RunReport.Of(manifest.Config, entries), entries);
        return File.ReadAllText(Path.Combine(folder, RunPage.FileName));
    }

    // Names of the plots, each of which has the right size and more than a few colours.
    private List<string> Images()
    {
        var files = Directory.GetFiles(Path.Combine(folder, RunPage.Plots));
        foreach (var file in files)
        {
            using var picture = SKBitmap.Decode(file);
            picture.Width.Should().Be(PlotSheet.Width * PlotSheet.Scale);
            picture.Pixels.Distinct().Take(9).Should().HaveCount(9, "{0} shows something", file);
        }

        return [.. files.Select(f => Path.GetFileName(f))];
    }

    private string DatasetWithPicture(SKColor colour)
    {
        using var bitmap = new SKBitmap(30, 20);
        bitmap.Erase(colour);
        using var png = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        File.WriteAllBytes(Path.Combine(folder, "0.png"), png.ToArray());
        var path = Path.Combine(folder, "samples.jsonl");
        File.WriteAllText(path, """{"id": "0", "question": "How many?", "images": ["0.png"], "answer": "4"}""" + "\n");
        return path;
    }

    [GeneratedRegex("(?:src|srcset|href|action)=\"([^\"]*)\"")]
    private static partial Regex AddressOf();
}
