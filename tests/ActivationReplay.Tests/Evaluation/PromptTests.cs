using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Tests.Checkpoints;
using ActivationReplay.Verification;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Evaluation;

public sealed class PromptTests
{
    private static readonly Sample s_choice = new("1", "Which?", [], "B")
    {
        Choices = new OrderedDictionary<string, string> { ["A"] = "{cat}", ["B"] = "dog" },
        Hint = "It barks.",
        Kind = AnswerKind.MultipleChoice,
    };

    [Test]
    public void MultipleChoice_IsVlmEvalKitsPrompt()
    {
        s_choice.Prompt.Should().Be(
            "Hint: It barks.\nQuestion: Which?\nOptions:\nA. {cat}\nB. dog\nPlease select the correct answer from the options above. \n");
        (s_choice with { Hint = null }).Prompt.Should().StartWith("Question: Which?\n");
    }

    [Test]
    public void YesNo_AsksForYesOrNoOnce()
    {
        var sample = new Sample("1", "Is it a cat?", [], "Yes") { Kind = AnswerKind.YesNo };

        sample.Prompt.Should().Be("Is it a cat? Please answer yes or no.");
        (sample with { Question = "Is it a cat? Please answer yes or no." }).Prompt.Should().Be("Is it a cat? Please answer yes or no.");
    }

    [TestCase("Yes", null, AnswerKind.YesNo)]
    [TestCase("no", null, AnswerKind.YesNo)]
    [TestCase("no", "free_form", AnswerKind.Open)]
    [TestCase("1", "yes/no", AnswerKind.YesNo)]
    [TestCase("3", null, AnswerKind.Open)]
    [TestCase("G", null, AnswerKind.MultipleChoice)]
    [TestCase("A, C", null, AnswerKind.MultipleChoice)]
    [TestCase("AC", null, AnswerKind.Open)]
    [TestCase("x", null, AnswerKind.Open)]
    [TestCase("$E$", null, AnswerKind.Open)]
    [TestCase("G", "free_form", AnswerKind.Open)]
    [TestCase("G", "multi_choice", AnswerKind.MultipleChoice)]
    [TestCase("AC", "multi_choice", AnswerKind.MultipleChoice)]
    [TestCase("3", "multiple-choice", AnswerKind.MultipleChoice)]
    [TestCase("a cat", "multi_choice", AnswerKind.Open)]
    public void TheKind_FollowsTheTypeOrTheAnswer(string answer, string? type, AnswerKind kind)
    {
        using var folder = new TempFolder();

        var rows = DatasetFiles.Tsv(
            folder.Path, "index\timage\tquestion\tanswer\tquestion_type", $"1\t{DatasetFiles.Picture}\tq\t{answer}\t{type}");

        rows[0].Sample!.Kind.Should().Be(kind);
    }

    [Test]
    public void OptionsInThePicture_AddNothingToTheQuestion()
    {
        var sample = new Sample("1", "Which figure comes next?", [], "G") { Kind = AnswerKind.MultipleChoice };

        sample.Prompt.Should().Be("Which figure comes next?");
        sample.Reference.Should().Be(new AnswerReference("G", AnswerKind.MultipleChoice));
    }

    [Test]
    public void ATemplate_FillsItsPlaceholdersAndKeepsOtherBraces()
    {
        var template = PromptTemplate.Parse("{hint}\n{question}\n{options}\nPut it in \\boxed{}, \\frac{1}{2}, {{question}}.");

        (s_choice with { Template = template }).Prompt.Should().Be(
            "It barks.\nWhich?\nA. {cat}\nB. dog\nPut it in \\boxed{}, \\frac{1}{2}, {question}.");
    }

    [Test]
    public void ATemplate_LeavesOutLinesThatHaveNothingToSay()
    {
        var template = PromptTemplate.Parse("Hint: {hint}\nQ: {question}\n{options}\n\nEnd");

        template.Fill(new Sample("1", "Why?", [], "x")).Should().Be("Q: Why?\n\nEnd");
    }

    [TestCase("{question} {option}", "*{option} is no placeholder; allowed: {question}, {options}, {hint}*")]
    [TestCase("Answer!", "*{question} is missing*")]
    public void ATemplate_WithABadPlaceholder_IsRefused(string text, string problem)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.PathOf("t.txt"), text);

        FluentActions.Invoking(() => PromptTemplate.Read(folder.PathOf("t.txt"))).Should().Throw<FormatException>().WithMessage(problem).WithMessage("*t.txt*");
    }

    [Test]
    public void ADatasetsTemplate_BuildsEveryPrompt()
    {
        var rows = Dataset.Open(Path.Combine(DatasetFiles.Carried, "mcq.tsv"), PromptTemplate.Parse("{question} Think."));

        rows.Should().OnlyContain(r => r.Sample!.Prompt == r.Sample.Question + " Think.");
    }
}
