using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Tests.Checkpoints;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;
using Parquet.Serialization;

namespace ActivationReplay.Tests.Evaluation;

public sealed class ParquetDatasetTests
{
    private TempFolder folder = null!;

    [SetUp]
    public void Create() => folder = new TempFolder();

    [TearDown]
    public void Delete() => folder.Dispose();

    [Test]
    public void TheHubsFile_HasPicturesOptionsAndLetters()
    {
        var path = DatasetFiles.Folders.Select(f => Path.Combine(f, "hub.parquet")).FirstOrDefault(File.Exists);
        if (path is null)
        {
            Assert.Ignore("hub.parquet is beside the repository, not in it.");
        }

        var rows = Dataset.Open(path!);

        rows.Should().HaveCount(5).And.OnlyContain(r => r.Error == null);
        var sample = rows[0].Sample!;
        sample.Question.Should().Be("What is the shaded part?", "pictures come first, so a marker of one says nothing more");
        sample.Choices.Should().Equal(new Dictionary<string, string> { ["A"] = "1/2", ["B"] = "1/3", ["C"] = "1/4" });
        sample.Answer.Should().Be("B", "the file has the option's text, 1/3");
        ImageDecoder.Decode(sample.Images.Single()).Width.Should().BePositive();
    }

    [Test]
    public async Task Pictures_InListsAndSeveralRowGroups_AreReadInOrder()
    {
        Row[] rows =
        [
            .. Enumerable.Range(0, 7).Select(i => new Row
            {
                id = i,
                question = $"q{i}",
                answer = i % 2,
                options = ["x", "y"],
                images = [.. Enumerable.Range(0, i % 3).Select(j => new Picture { bytes = DatasetFiles.Png(10 * i + j + 1) })],
            }),
        ];
        var read = Dataset.Open(await Write(rows, groupSize: 3));

        read.Select(r => r.Sample?.Images.Count ?? 0).Should().Equal(0, 1, 2, 0, 1, 2, 0);
        read[0].Error.Should().Be("row 1 ('0'): it has no picture");
        foreach (var i in new[] { 1, 5, 2, 4 })
        {
            read[i].Sample!.Images.Select(m => m.Read().ToArray()).Should()
                .BeEquivalentTo(rows[i].images!.Select(p => p.bytes), o => o.WithStrictOrdering());
            read[i].Sample!.Answer.Should().Be(i % 2 == 0 ? "A" : "B", "a label is an option's place");
        }
    }

    [Test]
    public async Task ABadPicture_IsAnErrorRow()
    {
        File.WriteAllBytes(folder.PathOf("a.png"), DatasetFiles.Png(9));
        var read = Dataset.Open(await Write(
        [
            new Single { id = "path", question = "q", answer = "x", image = new Picture { path = "a.png" } },
            new Single { id = "out", question = "q", answer = "x", image = new Picture { path = "../a.png" } },
            new Single { id = "none", question = "q", answer = "x" },
            new Single { id = "empty", question = "q", answer = "x", image = new Picture() },
            new Single { id = "blank", question = "q", image = new Picture { bytes = [1] } },
            new Single { id = "good", question = "q", answer = "x", image = new Picture { bytes = [1] } },
        ]));

        read.Select(r => r.Error is null).Should().Equal(true, false, false, false, false, true);
        read[0].Sample!.Images[0].Read().ToArray().Should().Equal(DatasetFiles.Png(9));
        read[1].Error.Should().Contain("outside");
        read[4].Error.Should().Contain("'answer' is missing");
    }

    [Test]
    public async Task AFileWithoutItsColumns_IsRefused() =>
        (await FluentActions.Invoking(async () => Dataset.Open(await Write<Other>([new() { id = "1", text = "q" }])))
            .Should().ThrowAsync<DatasetException>()).WithMessage("*lacks the columns question, answer, image*it has id, text*");

    [TestCase("PAR1 and nothing")]
    [TestCase("")]
    [TestCase("PAR1\0\0\0\0\0\0\0\0\0\0\0\u007fPAR1")]
    public void AFileThatIsNoParquet_IsRefused(string text) =>
        FluentActions.Invoking(() => DatasetFiles.Open(folder.Path, "data.parquet", text)).Should().Throw<DatasetException>().WithMessage("*Parquet*");

    [Test]
    public async Task ACutFile_IsRefusedOrHasPicturesThatSaySo()
    {
        var path = await Write([new Single { id = "1", question = "q", answer = "x", image = new Picture { bytes = DatasetFiles.Png(40) } }]);
        var image = Dataset.Open(path)[0].Sample!.Images[0];
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^20]);

        FluentActions.Invoking(() => Dataset.Open(path)).Should().Throw<DatasetException>();
        image.Invoking(i => i.Read()).Should().Throw<MediaException>().WithMessage("*row 1*");
    }

    private async Task<string> Write<T>(IReadOnlyCollection<T> rows, int? groupSize = null)
        where T : class
    {
        var path = folder.PathOf("data.parquet");
        await using var file = File.Create(path);
        await ParquetSerializer.SerializeAsync(rows, file, groupSize is null ? null : new Parquet.ParquetOptions { RowGroupSize = groupSize });
        return path;
    }

    // The hub's column names.
    private sealed class Row
    {
        public int id { get; set; }

        public string? question { get; set; }

        public long answer { get; set; }

        public List<string>? options { get; set; }

        public List<Picture>? images { get; set; }
    }

    private sealed class Single
    {
        public string? id { get; set; }

        public string? question { get; set; }

        public string? answer { get; set; }

        public Picture? image { get; set; }
    }

    private sealed class Other
    {
        public string? id { get; set; }

        public string? text { get; set; }
    }

    private sealed class Picture
    {
        public byte[]? bytes { get; set; }

        public string? path { get; set; }
    }
}
