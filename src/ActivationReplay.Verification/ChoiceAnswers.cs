using ActivationReplay.Verification.Choices;

namespace ActivationReplay.Verification;

/// <summary>Judges answers to multiple choices.</summary>
public static class ChoiceAnswers
{
    /// <summary>Finds the option that an output chooses, and compares it with the reference.</summary>
    /// <param name="choices">The options' texts by letter.</param>
    /// <param name="reference">
    /// The letter of the right option, its text, or several letters (<see cref="ChoiceLabels"/>); null if it is not known, and then
    /// no answer is correct.
    /// </param>
    /// <param name="output">The output of a model.</param>
    /// <returns>
    /// The chosen letter, or letters such as <c>A, C</c> if the reference has several, which are compared as a set. Unparsed if the
    /// output chooses no option, or several where the reference has one.
    /// </returns>
    public static Verdict Verify(IReadOnlyDictionary<string, string> choices, string? reference, string output)
    {
        var options = new Options(choices);
        return Compared(Right(options, reference), new ChoiceExtractor(options).Find(output));
    }

    /// <summary>
    /// As <see cref="Verify"/>, for options that are drawn in the picture: their texts are not known, and any letter may be one.
    /// </summary>
    /// <param name="reference">A letter, a number, or several of one kind.</param>
    /// <param name="output">The output of a model.</param>
    /// <exception cref="FormatException">The reference is none of these.</exception>
    public static Verdict VerifyDrawn(string reference, string output)
    {
        var labels = ChoiceLabels.Parse(reference, isDeclared: true)
            ?? throw new FormatException($"the answer '{reference}' is no letter or number of an option, nor a list of them");
        return Compared(labels, new ChoiceExtractor(char.IsAsciiDigit(labels[0][0]) ? Options.Numbered : Options.Lettered).Find(output));
    }

    private static Verdict Compared(IReadOnlyList<string> right, ChoiceReading reading) => reading.Keys.Count switch
    {
        0 => default,
        > 1 when right.Count < 2 => default,
        _ => new Verdict(string.Join(", ", reading.Keys), right.Order(StringComparer.Ordinal).SequenceEqual(reading.Keys), reading.Rule),
    };

    private static IReadOnlyList<string> Right(Options options, string? reference)
    {
        var labels = ChoiceLabels.Parse(reference, isDeclared: true);
        return labels is not null && labels.All(options.Has) ? labels
            : reference is not null && options.ByText(ChoiceText.Plain(reference)) is { } key ? [key]
            : [];
    }
}
