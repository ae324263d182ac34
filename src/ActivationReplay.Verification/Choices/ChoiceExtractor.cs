using System.Text.RegularExpressions;
using ActivationReplay.Verification.Extraction;

namespace ActivationReplay.Verification.Choices;

/// <summary>
/// Finds the options that an output chooses. Boxes and tags take precedence over text; in text a statement of the answer takes
/// precedence over a conclusion, and that over a mere mention. The last statement counts, and after a change of mind only what
/// follows it. An option that is denied is never taken; if several options remain, there is no answer.
/// </summary>
internal sealed partial class ChoiceExtractor(Options options)
{
    /// <summary>The chosen options; none, with <see cref="AnswerRule.Unparsed"/>, if the output chooses none.</summary>
    public ChoiceReading Find(string output)
    {
        var text = ChoiceText.Answering(output);
        foreach (var container in AnswerContainers.Of(text))
        {
            if (InContainer(container) is { } reading)
            {
                return AfterSecondThought(text[container.End..]) ?? reading;
            }
        }

        var passage = new Passage(ChoiceText.Plain(options.CountsThings ? ChoiceText.WithDigits(text) : text), options);
        return Decided(passage) ?? new Leanings(passage, options).Find() ?? ChoiceReading.Open;
    }

    private ChoiceReading? AfterSecondThought(string rest) =>
        SecondThought().Match(rest) is { Success: true } thought ? Decided(new Passage(ChoiceText.Plain(rest[(thought.Index + thought.Length)..]), options)) : null;

    // A letter, an option's text, a letter before a text, a value, or a sentence.
    private ChoiceReading? InContainer(AnswerContainer container)
    {
        var plain = ChoiceText.Plain(options.CountsThings ? ChoiceText.WithDigits(container.Content) : container.Content);
        var passage = new Passage(plain, options);
        var decisions = new Decisions(passage, options);
        var found = decisions.Alone(0, plain.Length)
            ?? (options.ByText(plain) is { } key ? ChoiceReading.Of([key], AnswerRule.OptionText) : null)
            ?? Decided(passage)
            ?? (MayHaveValue(plain) && options.ByValue(MathAnswers.Read(container.Content)) is { } value ? ChoiceReading.Of([value], AnswerRule.Number) : null)
            ?? new Leanings(passage, options).Find();
        return found is null || found.Keys.Count == 0 ? found : found with { Rule = container.Rule };
    }

    private static bool MayHaveValue(string plain) => AnswerText.MayBeFormula(plain) || plain.Any(char.IsAsciiDigit);

    // Reads the text after the last change of mind that leads to a choice; what is taken back there is no answer.
    private ChoiceReading? Decided(Passage passage)
    {
        var decisions = new Decisions(passage, options);
        var end = passage.Text.Length;
        foreach (var thought in SecondThought().Matches(passage.Text).Reverse())
        {
            if (decisions.In(thought.Index + thought.Length, end) is { } reading)
            {
                return reading;
            }

            end = thought.Index;
        }

        var first = decisions.In(0, end);
        return first is null || end == passage.Text.Length || !IsTakenBack(passage, first, end) ? first : ChoiceReading.Open;
    }

    private static bool IsTakenBack(Passage passage, ChoiceReading reading, int from) =>
        TakenBack().IsMatch(passage.Text[from..]) || passage.In(from, passage.Text.Length).Any(g => g.Stance == Stance.Rejected && g.Keys.Intersect(reading.Keys).Any());

    [GeneratedRegex(
        @"(?:^|[.!?…\n。！？]\s*|[;,—–-]\s*)(?:(?:but|oh|hmm+|ah|no|ok|okay)\b,?\s+)*(?:(?:wait|actually|hold on|on second thoughts?|scratch that|correction|sorry|my mistake|my bad|let me (?:re-?check|reconsider|re-?think|re-?examine|re-?count|double.check|look again)|looking again|i was wrong|i made (?:a|an) (?:mistake|error)|on closer (?:look|inspection))\b|(?<=[.!?…]\s*)no,\s|等等|等一下|不对(?=[，,。])|再(?:想|看)|重新)",
        RegexOptions.IgnoreCase)]
    private static partial Regex SecondThought();

    [GeneratedRegex(@"\bthat(?:['’]s| is| was| would be| cannot be| can['’]t be)\s+(?:not|wrong|incorrect|right only|impossible)|\bi (?:was|am) (?:wrong|mistaken|not sure)|\bthat doesn['’]t", RegexOptions.IgnoreCase)]
    private static partial Regex TakenBack();
}
