using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Tests.Checkpoints;
using ActivationReplay.Verification;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Evaluation;

public sealed class DatasetTests
{
    [TestCase("data.csv")]
    [TestCase("data")]
    [TestCase("data.pkl")]
    public void Open_OfAnotherForm_NamesThoseThatAreRead(string name)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.PathOf(name), "x");

        FluentActions.Invoking(() => Dataset.Open(folder.PathOf(name))).Should().Throw<DatasetException>().WithMessage("*.tsv*.jsonl*.parquet*");
    }

    [TestCase("none.tsv")]
    [TestCase("none.parquet")]
    public void Open_OfNoFile_SaysSo(string name) =>
        FluentActions.Invoking(() => Dataset.Open(Path.Combine(Path.GetTempPath(), name))).Should().Throw<DatasetException>().WithMessage("*no such file*");

    [TestCaseSource(typeof(DatasetFiles), nameof(DatasetFiles.Folders))]
    public void Open_OfJsonl_HasItsPictures(string files)
    {
        var rows = Dataset.Open(Path.Combine(files, "jsonl", "data.jsonl"));

        rows.Should().HaveCount(5);
        rows.Select(r => r.Sample!.Answer).Should().Equal("3", "4", "5", "6", "0");
        rows.SelectMany(r => r.Sample!.Images).Should().OnlyContain(i => i.Read().Length > 0);
    }

    [TestCase("""{"A": "cat", "B": "dog"}""", "\"B\"", "B")]
    [TestCase("""["cat", "dog"]""", "\"B\"", "B")]
    [TestCase("""["cat", "dog"]""", "\"dog\"", "B")]
    [TestCase("""["cat", "dog"]""", "\"(b)\"", "B")]
    [TestCase("""["cat", "dog"]""", "1", "B")]
    [TestCase("""[4, 1, 2]""", "2", "C")]
    [TestCase("""["4", "1", "2"]""", "\"1\"", "B")]
    public void AMultipleChoice_HasALetterAsItsAnswer(string choices, string answer, string letter)
    {
        using var folder = new TempFolder();

        var sample = Json(folder, choices, answer).Sample!;

        sample.Answer.Should().Be(letter);
        sample.Kind.Should().Be(AnswerKind.MultipleChoice);
    }

    [TestCase("""{"A": "x", "B": "y", "C": "z"}""", "\"A, C\"")]
    [TestCase("""["x", "y", "z"]""", "\"AC\"")]
    [TestCase("""["x", "y", "z"]""", "\"C and A\"")]
    public void SeveralRightOptions_AreTheirLettersInOrder(string choices, string answer)
    {
        using var folder = new TempFolder();

        Json(folder, choices, answer).Sample!.Answer.Should().Be("A, C");
    }

    [TestCase("""["B", "A"]""", "\"A\"", "*any of A, B*")]
    [TestCase("""["4", "0", "2"]""", "0", "*any of A, B*")]
    [TestCase("""["x", "x"]""", "\"x\"", "*any of A, B*")]
    [TestCase("""["x", "y"]""", "2", "*no option*")]
    [TestCase("\"x\"", "\"x\"", "*'choices' is a list*")]
    [TestCase("""{"a1": "x"}""", "\"x\"", "*'a1' is no letter*")]
    [TestCase("""{"A": "x", "A": "y"}""", "\"A\"", "*twice*")]
    public void AnAnswerThatCouldMeanTwoOptionsOrNone_IsAnError(string choices, string answer, string error)
    {
        using var folder = new TempFolder();

        Json(folder, choices, answer).Error.Should().Match(error);
    }

    [TestCase("<image>What is it?", 1, "What is it?")]
    [TestCase("<image>\n<image> What is it?", 2, "What is it?")]
    [TestCase("Is <image> wider than <image>?", 2, "Is <image 1> wider than <image 2>?")]
    [TestCase("An <image> tag in HTML", 2, "An <image> tag in HTML")]
    [TestCase("No marker", 1, "No marker")]
    public void ImageMarkers_GoOrAreNumbered(string question, int images, string expected)
    {
        using var folder = new TempFolder();
        var names = string.Join(',', Enumerable.Repeat("\"a.png\"", images));
        var row = DatasetFiles.Open(
            folder.Path, "data.jsonl", $"{{\"question\": {System.Text.Json.JsonSerializer.Serialize(question)}, \"answer\": \"x\", \"images\": [{names}]}}");

        row[0].Sample!.Question.Should().Be(expected);
    }

    private static DatasetRow Json(TempFolder folder, string choices, string answer) => DatasetFiles.Open(
        folder.Path, "data.jsonl", $"{{\"question\": \"q\", \"choices\": {choices}, \"answer\": {answer}}}").Single();
}
