using ActivationReplay.Verification.Choices;

namespace ActivationReplay.Verification;

/// <summary>Answers to multiple choices.</summary>
public static class ChoiceAnswers
{
    /// <summary>The letter of the option that an output decides for, and whether it is the reference.</summary>
    /// <param name="choices">Options' texts by letter.</param>
    /// <param name="reference">The right option's letter, or its text; null where it is not known, and then nothing is correct.</param>
    /// <param name="output">What a model wrote.</param>
    /// <returns>The letter as text; unparsed where the output names no option, or two.</returns>
    public static Verdict Verify(IReadOnlyDictionary<string, string> choices, string? reference, string output)
    {
        var (letter, rule) = new ChoiceExtractor(choices).Find(output);
        return letter is null ? default : new Verdict(letter, letter == Letter(choices, reference), rule);
    }

    private static string? Letter(IReadOnlyDictionary<string, string> choices, string? reference)
    {
        if (reference is null)
        {
            return null;
        }

        var trimmed = reference.Trim().Trim('(', ')', '.', '[', ']').ToUpperInvariant();
        return choices.Keys.Any(k => string.Equals(k.Trim(), trimmed, StringComparison.OrdinalIgnoreCase)) ? trimmed : new Options(choices).ByText(reference);
    }
}
