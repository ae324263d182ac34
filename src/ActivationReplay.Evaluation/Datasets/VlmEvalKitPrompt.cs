using System.Text;
using ActivationReplay.Verification;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>
/// The text of a question as VLMEvalKit writes it: multiple choice as <c>ImageMCQDataset.build_prompt</c>, its trailing
/// space and line end included; yes or no with the sentence of its Qwen2-VL prompt; open questions, and those whose options are drawn in the picture, as they are.
/// </summary>
public static class VlmEvalKitPrompt
{
    /// <summary>The text of the prompt for a sample.</summary>
    public static string Of(Sample sample) => sample.Kind switch
    {
        // Where the options are drawn in the picture, there is nothing to add.
        AnswerKind.MultipleChoice when sample.Choices is not null => MultipleChoice(sample),
        // Data sets such as MME say it in the question.
        AnswerKind.YesNo when !sample.Question.Contains("yes or no", StringComparison.OrdinalIgnoreCase) =>
            sample.Question + " Please answer yes or no.",
        _ => sample.Question,
    };

    private static string MultipleChoice(Sample sample)
    {
        var text = new StringBuilder();
        if (sample.Hint is { } hint)
        {
            text.Append("Hint: ").Append(hint).Append('\n');
        }

        text.Append("Question: ").Append(sample.Question).Append("\nOptions:\n");
        foreach (var (letter, option) in sample.Choices!)
        {
            text.Append(letter).Append(". ").Append(option).Append('\n');
        }

        return text.Append("Please select the correct answer from the options above. \n").ToString();
    }
}
