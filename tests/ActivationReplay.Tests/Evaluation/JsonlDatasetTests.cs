using ActivationReplay.Evaluation.Datasets;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Evaluation;

public sealed class JsonlDatasetTests
{
    private string folder = null!;

    [SetUp]
    public void Create() => folder = Directory.CreateTempSubdirectory("jsonl").FullName;

    [TearDown]
    public void Delete() => Directory.Delete(folder, recursive: true);

    [Test]
    public void Read_OfGoodLines_GivesSamplesWithPicturesBesideTheFile()
    {
        var row = Read("""{"id": "a", "question": "How many?", "images": ["x.png"], "answer": 3, "family": "count"}""").Single();

        row.Error.Should().BeNull();
        row.Sample!.Answer.Should().Be("3");
        row.Sample.Images.Single().Name.Should().Be(Path.Combine(folder, "x.png"));
    }

    [TestCase("{\"question\": \"q\"}", "line 2*'answer' is missing")]
    [TestCase("{\"question\": \"q\", \"answer\": 1, \"images\": [\"../x.png\"]}", "line 2*outside*")]
    [TestCase("{\"question\": \"q\", \"answer\": 1, \"images\": \"x.png\"}", "line 2*'images' is a list*")]
    [TestCase("{\"question\": ", "line 2*")]
    [TestCase("[1]", "line 2*Array*object*")]
    public void Read_OfABadLine_IsAnErrorRowBesideGoodOnes(string bad, string message)
    {
        var rows = Read("""{"question": "q", "answer": "a"}""", bad);

        rows[0].Sample.Should().NotBeNull();
        rows[1].Sample.Should().BeNull();
        rows[1].Error.Should().Match(message);
    }

    [Test]
    public void Read_OfTwoRowsWithOneId_IsRefused() =>
        FluentActions.Invoking(() => Read("""{"id": 1, "question": "q", "answer": "a"}""", """{"id": 1, "question": "q", "answer": "a"}"""))
            .Should().Throw<DatasetException>().WithMessage("*line 2*'1'*");

    [Test]
    public void Read_OfAMissingFile_NamesIt() =>
        FluentActions.Invoking(() => JsonlDataset.Read(Path.Combine(folder, "none.jsonl")))
            .Should().Throw<DatasetException>().WithMessage("*none.jsonl*");

    private IReadOnlyList<DatasetRow> Read(params string[] lines)
    {
        var path = Path.Combine(folder, "data.jsonl");
        File.WriteAllLines(path, lines);
        return JsonlDataset.Read(path);
    }
}
