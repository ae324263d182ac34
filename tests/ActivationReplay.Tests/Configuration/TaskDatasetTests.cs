using ActivationReplay.Ablations.Configuration;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Configuration;

public sealed class TaskDatasetTests
{
    [Test]
    public void Rows_OfOneText_AreTheSameProblemsEachTime()
    {
        var rows = TaskDataset.Parse("counting:test:12").Rows();
        rows.Select(r => r.Sample!.Family).Distinct().Should().HaveCount(6);
        var again = QuestionFile.Open("counting:test:12:20261124", null);
        again.Select(r => r.Sample!.Question).Should().Equal(rows.Select(r => r.Sample!.Question));
        again[3].Sample!.Images[0].Read().ToArray().Should().Equal(rows[3].Sample!.Images[0].Read().ToArray());
        TaskDataset.Parse("counting:test:12:7").Rows().Select(r => r.Sample!.Question).Should().NotEqual(rows.Select(r => r.Sample!.Question));
    }

    [Test]
    public void Rows_OfZooming_AreItsProblems_AtTheCheckpointsSize()
    {
        var set = TaskDataset.Parse("zooming:test:5");
        set.Pixels.Should().BeNull();
        var rows = set.Rows();
        rows.Select(r => r.Id).Should().Equal("0000", "0001", "0002", "0003", "0004");
        rows.Should().OnlyContain(r => r.Sample!.Question.StartsWith("Which digit is on the ") && r.Sample.Answer.Length == 1);
        var parse = () => TaskDataset.Parse("zooming:hard-8:5");
        parse.Should().Throw<DatasetException>().WithMessage("zooming:hard-8:5*zooming:SPLIT:COUNT*train, validation, test");
    }

    [Test]
    public void Rows_OfClips_AreQuestionsAboutEightFrames_AtTheCheckpointsSize()
    {
        var set = TaskDataset.Parse("clips:test:10");
        set.Pixels.Should().BeNull();
        var rows = set.Rows();
        rows.Select(r => r.Sample!.Family).Distinct().Should().Equal("direction", "times", "digits", "distance", "story");
        rows.Should().OnlyContain(r => ((FrameList)r.Sample!.Videos.Single()).Frames.Count == 8);
    }

    [TestCase("counting:test", TestName = "no count")]
    [TestCase("counting:exam:4", TestName = "no such split")]
    [TestCase("counting:test:0", TestName = "nothing")]
    [TestCase("counting:test:4:-1", TestName = "a seed below 0")]
    [TestCase("counting:test:4:1:2", TestName = "too many parts")]
    public void Parse_OfAnotherForm_SaysWhatIsAllowed(string text)
    {
        var parse = () => TaskDataset.Parse(text);
        parse.Should().Throw<DatasetException>().WithMessage($"{text}*counting:SPLIT:COUNT*hard-12*");
    }

    [TestCase("counting:test:4", 36)]
    [TestCase("counting:hard-12:4", 144)]
    public void Config_OfTheTask_AsksForAVisualTokenACell(string text, int cells)
    {
        var config = RunConfigReader.Read(
            Path.Combine(Goldens.Repository, "ablations", "configs", "quick.yaml"), [$"dataset.path={text}"]);
        config.Dataset.Should().Be(text);
        config.MinPixels.Should().Be(cells * 28 * 28);
        config.MaxPixels.Should().Be(cells * 28 * 28);
    }
}
