using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Tests.Checkpoints;
using ActivationReplay.Verification;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Evaluation;

/// <summary>The forms of the data sets that visual agents are measured on.</summary>
public sealed class AgentDataTests
{
    private TempFolder folder = null!;

    [SetUp]
    public void Create() => folder = new TempFolder();

    [TearDown]
    public void Delete() => folder.Dispose();

    [Test]
    public void Open_OfVisualProbesList_HasProblemSolutionAndPictures()
    {
        var rows = Open("val.json", """
            [{"doc_id": 7, "problem": "<image>What is on the sign?", "solution": "<answer> Main Street </answer>", "images": ["images/1.jpg"], "category": "text"},
             {"problem": "How many?", "solution": "3", "images": ["images/2.jpg"]}]
            """);

        rows.Select(r => r.Id).Should().Equal("7", "item 2");
        (rows[0].Sample!.Question, rows[0].Sample!.Answer, rows[0].Sample!.Family).Should().Be(("What is on the sign?", "Main Street", "text"));
        rows[0].Sample!.Images.Single().Name.Should().Be(Path.Combine(folder.Path, "images", "1.jpg"));
        rows[1].Sample!.Answer.Should().Be("3");
    }

    [Test]
    public void Open_OfVStar_TakesTheOptionsOutOfTheText()
    {
        var row = Open("test_questions.jsonl", """
            {"image": "direct_attributes/sa_1.jpg", "text": "What is the material of the glove?\n(A) rubber\n(B) cotton\n(C) kevlar\nAnswer with the option's letter from the given choices directly.", "category": "direct_attributes", "label": "B", "question_id": 0}
            """).Single();

        row.Id.Should().Be("0");
        row.Sample!.Question.Should().Be("What is the material of the glove?");
        row.Sample.Choices.Should().Equal(new Dictionary<string, string> { ["A"] = "rubber", ["B"] = "cotton", ["C"] = "kevlar" });
        (row.Sample.Answer, row.Sample.Kind, row.Sample.Family).Should().Be(("B", AnswerKind.MultipleChoice, "direct_attributes"));
    }

    [Test]
    public void Open_OfHrBench_HasCategoryAndTheOrderOfItsOptions()
    {
        const string Picture = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

        var rows = Open("hr_bench_4k.tsv", $"""
            index	question	answer	category	A	B	C	D	cycle_category	image
            0	Which colour?	A	single	red	blue	green	white	0	{Picture}
            1	Which colour?	B	cross	white	red	blue	green	1	{Picture}
            """);

        rows.Select(r => (r.Sample!.Family, r.Sample.Cycle, r.Sample.Answer)).Should().Equal(("single", "0", "A"), ("cross", "1", "B"));
    }

    [Test]
    public void Open_OfAQuestionInSeveralOrders_NamesItsFirstRow_AndThatOfAnotherPictureAnother()
    {
        var rows = Open("orders.tsv", """
            index	question	answer	A	B	cycle_category	image_path
            7	Which?	A	red	blue	0	a.png
            8	Which?	A	red	blue	0	b.png
            9	Which?	B	blue	red	1	a.png
            10	Which?	B	blue	red	1	b.png
            11	Which one?	A	red	blue	0	a.png
            12	Which?	A	red	green	0	a.png
            13	Which?	A	red	blue		a.png
            """);

        rows.Select(r => r.Sample!.Problem).Should().Equal("7", "8", "7", "8", "11", "12", null);

        Open("missing.tsv", """
            index	question	answer	A	B	cycle_category	image_path
            7	Which?	A	red	blue	0	a.png
            8	Which?	A	red	blue	0	b.png
            9		B	blue	red	1	a.png
            10	Which?	B	blue	red	1	b.png
            """).Select(r => r.Sample?.Problem).Should().OnlyContain(p => p == null, "10 is of 8, not of 7");
    }

    [TestCase("{}", "*Object*of questions*")]
    [TestCase("[{", "*no JSON*")]
    [TestCase("[]", "*no rows*")]
    public void Open_OfNoList_IsRefused(string text, string message) =>
        FluentActions.Invoking(() => Open("x.json", text)).Should().Throw<DatasetException>().WithMessage(message);

    [Test]
    public void Open_OfABadEntry_IsAnErrorRowBesideGoodOnes()
    {
        var rows = Open("x.json", """[{"problem": "q", "solution": "a"}, 3, {"problem": "q", "solution": "a", "agent": "yes"}]""");

        rows[0].Sample.Should().NotBeNull();
        rows[1].Error.Should().Match("item 2*Number*object*");
        rows[2].Error.Should().Match("item 3*'agent' is true or false*");
    }

    [Test]
    public void Count_IsOfThoseThatAsk()
    {
        File.WriteAllText(folder.PathOf("q.jsonl"), """
            {"question": "q", "answer": "a", "agent": true}
            {"question": "q", "answer": "a", "agent": false}
            {"question": "q", "answer": "a"}
            """);

        AgentRows.Count(folder.PathOf("q.jsonl")).Should().Be((3, 1));
        AgentRows.Count(folder.PathOf("q.tsv")).Should().Be((0, 0));
    }

    private IReadOnlyList<DatasetRow> Open(string name, string text)
    {
        File.WriteAllText(folder.PathOf(name), text);
        return Dataset.Open(folder.PathOf(name));
    }
}
