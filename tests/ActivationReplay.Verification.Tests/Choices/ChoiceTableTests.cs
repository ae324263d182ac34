using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Verification.Tests.Choices;

public sealed class ChoiceTableTests
{
    [TestCaseSource(typeof(ChoiceTables), nameof(ChoiceTables.All))]
    public void AnOutput_DecidesAsACarefulReaderSays(Dictionary<string, string>? choices, string reference, string output, string? letters)
    {
        var verdict = choices is null ? ChoiceAnswers.VerifyDrawn(reference, output) : ChoiceAnswers.Verify(choices, reference, output);

        verdict.Text.Should().Be(letters);
        verdict.IsParsed.Should().Be(letters is not null);
        verdict.IsCorrect.Should().Be(letters is not null && ChoiceLabels.Parse(reference, isDeclared: true)!.SequenceEqual(letters.Split(", ")));
    }
}
