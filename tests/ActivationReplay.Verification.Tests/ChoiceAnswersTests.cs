using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Verification.Tests;

public sealed class ChoiceAnswersTests
{
    private static readonly Dictionary<string, string> s_lengths = new() { ["A"] = "3 m", ["B"] = "5 m", ["C"] = "7 m", ["D"] = "9 m" };
    private static readonly Dictionary<string, string> s_animals = new() { ["A"] = "a horse", ["B"] = "a sheep", ["C"] = "a mountain goat", ["D"] = "a goat" };
    private static readonly Dictionary<string, string> s_formulas = new() { ["A"] = @"$\frac{3}{4}$", ["B"] = @"$\sqrt{8}$", ["C"] = "0.7", ["D"] = "none of these" };
    private static readonly Dictionary<string, string> s_ten = "ABCDEFGHIJ".Select((c, i) => (c, i)).ToDictionary(p => p.c.ToString(), p => $"picture {p.i}");

    [TestCase("B", "B", "option-letter")]
    [TestCase("b", "B", "option-letter")]
    [TestCase("(B)", "B", "option-letter")]
    [TestCase("B.", "B", "option-letter")]
    [TestCase("B)", "B", "option-letter")]
    [TestCase("**B**", "B", "option-letter")]
    [TestCase("Option B", "B", "option-letter")]
    [TestCase("B. 5 m", "B", "option-letter")]
    [TestCase("B because the shadow is longer", "B", "option-letter")]
    [TestCase("D. It cannot be A or B", "D", "option-letter")]
    [TestCase("The shadow is longer.\n\nC", "C", "option-letter")]
    [TestCase("C\n\nA and B are too short.", "C", "option-letter")]
    [TestCase("Option A is wrong. Option C is correct.", "C", "option-letter")]
    [TestCase("It's not A since it is too short, so I think it's B", "B", "option-letter")]
    [TestCase(@"\boxed{B}", "B", "boxed")]
    [TestCase(@"\boxed{\text{B}}", "B", "boxed")]
    [TestCase(@"\boxed{(B)}", "B", "boxed")]
    [TestCase(@"\boxed{B. 5 m}", "B", "boxed")]
    [TestCase(@"\boxed{5\text{ m}}", "B", "boxed")]
    [TestCase(@"\boxed{5}", "B", "boxed")]
    [TestCase("\\boxed{A}. No, wait: \\boxed{D}", "D", "boxed")]
    [TestCase(@"The answer is A, so \boxed{C}", "C", "boxed")]
    [TestCase("<answer>C</answer>", "C", "answer-tag")]
    [TestCase("<answer> (C) 7 m </answer>", "C", "answer-tag")]
    [TestCase("<think>A? No, B.</think><answer>C", "C", "answer-tag")]
    [TestCase("The answer is (D).", "D", "answer-phrase")]
    [TestCase("**Answer: D**", "D", "answer-phrase")]
    [TestCase("The correct option is d", "D", "answer-phrase")]
    [TestCase("Answer: 9 m", "D", "answer-phrase")]
    [TestCase("The answer is A. But wait, the answer is C.", "C", "answer-phrase")]
    [TestCase("The answer is B. Note that A is a common mistake.", "B", "answer-phrase")]
    [TestCase("The answer is neither A nor B, it is C.", "C", null)]
    [TestCase("I choose option C.", "C", "answer-phrase")]
    [TestCase("答案是C", "C", "answer-phrase")]
    [TestCase("Its length must be 7 m.", "C", null)]
    [TestCase("2 + 3 = 5", "B", "number")]
    [TestCase("Angle A and point B are given. Its length is 9 m.", "D", null)]
    public void Extract_FindsTheFinalStatement(string output, string letter, string? rule)
    {
        var verdict = ChoiceAnswers.Verify(s_lengths, letter, output);

        verdict.Text.Should().Be(letter);
        verdict.IsCorrect.Should().BeTrue();
        verdict.Rule.Name().Should().Be(rule ?? verdict.Rule.Name());
    }

    [TestCase("")]
    [TestCase("A or B")]
    [TestCase("Both A and C are right.")]
    [TestCase("The answer is B and D")]
    [TestCase("The answer is either A or B.")]
    [TestCase(@"\boxed{A, C}")]
    [TestCase("I cannot tell.")]
    [TestCase("The answer is")]
    [TestCase("The answer is (")]
    [TestCase("The answer is not A.")]
    [TestCase("Answer: E")]
    [TestCase(@"\boxed{12}")]
    [TestCase("A. 3 m\nB. 5 m\nC. 7 m\nD. 9 m")]
    [TestCase("Let me look at every option.\nA: 3 m is too short\nB: 5 m may be")]
    public void Extract_OfNoneOrTwo_IsUnparsed(string output)
    {
        var verdict = ChoiceAnswers.Verify(s_lengths, "A", output);

        verdict.Text.Should().BeNull();
        verdict.IsCorrect.Should().BeFalse();
        verdict.IsParsed.Should().BeFalse();
    }

    [TestCase("A sheep", "B")]
    [TestCase("A sheep is standing there.", "B")]
    [TestCase("The answer is a sheep.", "B")]
    [TestCase("The answer is A sheep", "B")]
    [TestCase("A", "A")]
    [TestCase("A. a horse", "A")]
    [TestCase("It is a goat.", "D")]
    [TestCase("It is a mountain goat.", "C")]
    [TestCase("not a horse but a sheep", "B")]
    [TestCase("I see a cow.", null)]
    [TestCase("A picture of an animal", null)]
    [TestCase("a horse or a sheep", null)]
    public void Extract_TakesNoArticleForALetter(string output, string? letter) =>
        ChoiceAnswers.Verify(s_animals, null, output).Text.Should().Be(letter);

    [TestCase("0.75", "A")]
    [TestCase(@"\boxed{\frac34}", "A")]
    [TestCase(@"The answer is $2\sqrt{2}$.", "B")]
    [TestCase("70%", "C")]
    [TestCase("None of these", "D")]
    [TestCase(@"\boxed{0.8}", null)]
    public void Extract_ComparesValuesOfOptions(string output, string? letter) =>
        ChoiceAnswers.Verify(s_formulas, null, output).Text.Should().Be(letter);

    [TestCase("I think the answer is C", "C")]
    [TestCase("The answer is I", "I")]
    [TestCase("(I)", "I")]
    [TestCase("J", "J")]
    [TestCase("I am not sure", null)]
    [TestCase("picture 7", "H")]
    public void Extract_BeyondD_TakesNoPronounForALetter(string output, string? letter) =>
        ChoiceAnswers.Verify(s_ten, null, output).Text.Should().Be(letter);

    [TestCase("b", true)]
    [TestCase("(B)", true)]
    [TestCase("5 m", true)]
    [TestCase("C", false)]
    [TestCase(null, false)]
    public void Verify_ComparesWithALetterOrATextOfReference(string? reference, bool isCorrect) =>
        ChoiceAnswers.Verify(s_lengths, reference, "B").IsCorrect.Should().Be(isCorrect);

    [TestCase("C", "thinking about it, the correct answer is C", true)]
    [TestCase("(D) Alina", "D", true)]
    [TestCase("C Cecile", "I say so.\nC", true)]
    [TestCase("A", "Because B is valid", false)]
    public void StringAnswers_OfLetters_NeedNoTexts(string reference, string output, bool isCorrect) =>
        StringAnswers.Verify(reference, output).IsCorrect.Should().Be(isCorrect);

    [TestCase("true", "The answer is true, not false", true)]
    [TestCase("False", "false", true)]
    [TestCase("true", "It is unknown", false)]
    public void StringAnswers_OfWords(string reference, string output, bool isCorrect) =>
        StringAnswers.Verify(reference, output, ["true", "false"]).IsCorrect.Should().Be(isCorrect);
}
