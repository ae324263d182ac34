using System.Text.Json;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Verification;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Evaluation;

/// <summary>Questions about videos, in the forms in which they are published.</summary>
public sealed class VideoDatasetTests
{
    private string folder = null!;

    [SetUp]
    public void Create() => folder = Directory.CreateTempSubdirectory("videos").FullName;

    [TearDown]
    public void Delete() => Directory.Delete(folder, recursive: true);

    [Test]
    public void Jsonl_TakesPathsListsOfPicturesAndObjectsWithSettings()
    {
        Touch("a.mp4");
        var videos = Read("data.jsonl", """
            {"question": "What?", "answer": "x", "videos": ["a.mp4", ["1.png", "2.png"], {"video": "a.mp4", "fps": 2, "max_frames": 8, "video_end": 3.5, "max_pixels": 1000}]}
            """).Single().Sample!.Videos;

        videos[0].Should().Be(new VideoFile(At("a.mp4"), new VideoSettings().Sampling));
        videos[1].Should().BeOfType<FrameList>().Which.Frames.Select(f => f.Name).Should().Equal(At("1.png"), At("2.png"));
        videos[2].Should().Be(new VideoFile(At("a.mp4"), new VideoSampling { FramesPerSecond = 2, MaxFrames = 8, End = 3.5, MaxPixels = 1000, AtMost = true }));
    }

    [TestCase("""{"video": "a.mp4", "frames": 3}""", "*'frames' is no setting*nframes*")]
    [TestCase("""{"nframes": 3}""", "*object with 'video'*")]
    [TestCase("""{"video": "a.mp4", "nframes": 4, "fps": 2}""", "*exclude each other*")]
    [TestCase("""{"video": "a.mp4", "nframes": 0}""", "*FrameCount is 0*")]
    [TestCase("""{"video": "a.mp4", "nframes": 2.5}""", "*'nframes' is 2.5*")]
    [TestCase("""{"video": "a.mp4", "video_start": "soon"}""", "*'video_start' is a String*")]
    [TestCase("\"../a.mp4\"", "*outside*")]
    [TestCase("\"/etc/a.mp4\"", "*outside*")]
    [TestCase("[]", "*path, a list of pictures*")]
    [TestCase("7", "*path, a list of pictures*")]
    public void Jsonl_OfABadVideo_IsAnErrorOfItsRow(string video, string message) =>
        Read("data.jsonl", $$"""{"question": "What?", "answer": "x", "videos": [{{video}}]}""").Single().Error.Should().Match(message);

    [Test]
    public void VideoR1_ReadsSolutionTypeAndLetteredOptions()
    {
        Touch("Evaluation/v.mp4");
        var rows = Read("eval.json", """
            [{"problem_id": 4, "problem": "Which way?", "data_type": "video", "problem_type": "multiple choice", "options": ["A. left", "B. right"],
              "solution": "<answer>B</answer>", "path": "./Evaluation/v.mp4", "data_source": "S"},
             {"problem_id": 5, "problem": "How far?", "data_type": "video", "problem_type": "regression", "options": [],
              "solution": "<answer>3.5</answer>", "path": "./Evaluation/v.mp4", "data_source": "S"},
             {"problem_id": 6, "problem": "How far?", "data_type": "video", "problem_type": "regression", "solution": "<answer>far</answer>", "path": "v.mp4"},
             {"problem_id": 7, "problem": "How far?", "data_type": "video", "problem_type": "guess", "solution": "<answer>1</answer>", "path": "v.mp4"}]
            """);

        var choice = rows[0].Sample!;
        (choice.Id, choice.Question, choice.Answer, choice.Family, choice.Kind).Should().Be(("4", "Which way?", "B", "S", AnswerKind.MultipleChoice));
        choice.Choices.Should().Equal(new Dictionary<string, string> { ["A"] = "left", ["B"] = "right" });
        choice.Videos.Should().ContainSingle().Which.Should().BeOfType<VideoFile>().Which.Path.Should().Be(At("Evaluation/v.mp4"));
        choice.Prompt.Should().Be("Which way?\nOptions:\nA.left\nB.right\nAnswer with the letter of the right option, between <answer> and </answer>.");
        (rows[1].Sample!.Kind, rows[1].Sample!.Answer).Should().Be((AnswerKind.Regression, "3.5"));
        rows[2].Error.Should().Match("item 3*'far' is no number*");
        rows[3].Error.Should().Match("item 4*'problem_type' is 'guess'*numerical*");
    }

    [Test]
    public void VideoMmmu_FindsTheFileOfItsIdInASubjectsFolder()
    {
        Touch("Art/dev_Art_1.mp4");
        Touch("Art/twice.mp4");
        Touch("Music/twice.mp4");
        var rows = Read("mmmu.json", """
            [{"id": "dev_Art_1", "question": "Which?", "options": ["red", "blue"], "answer": "A", "question_type": "multiple-choice"},
             {"id": "twice", "question": "Which?", "options": ["red", "blue"], "answer": "B", "question_type": "multiple-choice"}]
            """);

        rows[0].Sample!.Videos.Should().ContainSingle().Which.Should().BeOfType<VideoFile>().Which.Path.Should().Be(At("Art/dev_Art_1.mp4"));
        rows[0].Sample!.Family.Should().Be("multiple-choice");
        rows[1].Error.Should().Match("item 2*'twice' is in several folders*");
    }

    [Test]
    public void Mlvu_ReadsCandidatesWhoseTextIsTheAnswer()
    {
        Touch("1_plotQA/movie_1.mp4");
        var sample = Read("mlvu.json", """
            [{"video": "movie_1.mp4", "duration": 480.0, "question": "What colour?", "candidates": ["Yellow", "Red"], "answer": "Red", "question_type": "plotQA"}]
            """).Single().Sample!;

        (sample.Answer, sample.Family, sample.Kind).Should().Be(("B", "plotQA", AnswerKind.MultipleChoice));
        sample.Videos.Single().Should().BeOfType<VideoFile>().Which.Path.Should().Be(At("1_plotQA/movie_1.mp4"));
    }

    [Test]
    public void Mmvu_ReadsChoicesByLetterAndAddressesOfTheHub()
    {
        Touch("videos/Art/0.mp4");
        var rows = Read("mmvu.json", """
            [{"id": "validation_0", "video": "https://huggingface.co/datasets/o/n/resolve/main/videos/Art/0.mp4", "question_type": "multiple-choice",
              "question": "Which?", "choices": {"A": "one", "B": "two", "C": "", "D": "", "E": ""}, "answer": "A", "metadata": {"subject": "Art"}},
             {"id": "validation_1", "video": "https://example.org/0.mp4", "question_type": "open-ended", "question": "Which?", "choices": null, "answer": "x"}]
            """);

        rows[0].Sample!.Choices!.Keys.Should().Equal("A", "B");
        rows[0].Sample!.Videos.Single().Should().BeOfType<VideoFile>().Which.Path.Should().Be(At("videos/Art/0.mp4"));
        rows[1].Error.Should().Match("*'https://example.org/0.mp4' is an address*");
    }

    [Test]
    public void VideoHolmes_ReadsItsKeysWithBlanksAndCapitals()
    {
        Touch("v7.mp4");
        var sample = Read("holmes.json", """
            [{"video ID": "v7", "Question ID": 12, "Question Type": "SR", "Question": "Who?", "Options": {"A": "he", "B": "she"}, "Answer": "B", "Explanation": "…"}]
            """).Single().Sample!;

        (sample.Id, sample.Question, sample.Answer, sample.Family).Should().Be(("12", "Who?", "B", "SR"));
        sample.Videos.Single().Should().BeOfType<VideoFile>().Which.Path.Should().Be(At("v7.mp4"));
    }

    [Test]
    public void Tsv_OfVlmEvalKit_ReadsVideoAndCandidates()
    {
        Touch("films/1.mp4");
        var path = At("data.tsv");
        File.WriteAllText(path, "index\tvideo\tquestion\tcandidates\tanswer\ttask_type\n0\tfilms/1\tWhat?\t['cat', \"dog's\"]\tcat\tplot\n");

        var sample = Dataset.Open(path).Single().Sample!;

        (sample.Answer, sample.Family).Should().Be(("A", "plot"));
        sample.Choices!["B"].Should().Be("dog's");
        sample.Videos.Single().Should().BeOfType<VideoFile>().Which.Path.Should().Be(At("films/1.mp4"));
    }

    [Test]
    public void Open_WithAFolderOfVideos_LooksThere_AndRefusesOneThatIsNotThere()
    {
        Touch("films/a.mp4");
        File.WriteAllText(At("data.jsonl"), """{"question": "q", "answer": "a", "videos": ["a.mp4"]}""");

        Dataset.Open(At("data.jsonl"), videos: new VideoSettings { Root = At("films") }).Single().Sample!.Videos
            .Single().Should().BeOfType<VideoFile>().Which.Path.Should().Be(At("films/a.mp4"));
        FluentActions.Invoking(() => Dataset.Open(At("data.jsonl"), videos: new VideoSettings { Root = At("none") }))
            .Should().Throw<DatasetException>().WithMessage("*none: there is no such folder*video-root*");
    }

    [TestCase("{}", "*Object*array of questions*.jsonl*")]
    [TestCase("[", "*no JSON*")]
    [TestCase("[]", "*no rows*")]
    [TestCase("[{\"id\": 1, \"question\": \"q\", \"answer\": 2}, {\"id\": 1, \"question\": \"q\", \"answer\": 2}]", "*item 2*'1'*item 1*")]
    public void Json_OfAnotherForm_IsRefused(string json, string message)
    {
        File.WriteAllText(At("data.json"), json);
        FluentActions.Invoking(() => Dataset.Open(At("data.json"))).Should().Throw<DatasetException>().WithMessage(message);
    }

    [Test]
    public void Json_OfAnItemThatIsNoObject_IsAnErrorRow() =>
        Read("data.json", """[7, {"question": "q", "answer": "a"}]""")[0].Error.Should().Match("item 1*Number*object*");

    [Test]
    public void Prompt_OfATemplateWithForm_SaysHowToAnswer()
    {
        Touch("a.mp4");
        File.WriteAllText(At("data.jsonl"), """{"question": "How many?", "answer": 2, "videos": ["a.mp4"], "problem_type": "numerical"}""");
        var sample = Dataset.Open(At("data.jsonl"), PromptTemplate.Parse("{question} Think first.\n{options}\n{form}")).Single().Sample!;
        sample.Prompt.Should().Be("How many? Think first.\nAnswer with a number, between <answer> and </answer>.");
    }

    private IReadOnlyList<DatasetRow> Read(string name, string text)
    {
        File.WriteAllText(At(name), name.EndsWith("jsonl", StringComparison.Ordinal) ? JsonSerializer.Serialize(JsonDocument.Parse(text)) : text);
        return Dataset.Open(At(name));
    }

    private string At(string name) => Path.Combine(folder, name);

    private void Touch(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), "");
    }
}
