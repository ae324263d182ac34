using System.Text;
using ActivationReplay.Verification;

namespace ActivationReplay.Evaluation.Datasets;

/// <summary>
/// The text of a question about a video, and of graded questions, laid out as Video-R1's: the question, options as <c>A.text</c> a line
/// each, and how to answer by the type of question, in words of this project. A template of the user's has the published words.
/// </summary>
public static class VideoPrompt
{
    /// <summary>The text of the prompt for a sample.</summary>
    public static string Of(Sample sample)
    {
        var text = new StringBuilder(sample.Question);
        if (sample.Choices is { } choices)
        {
            text.Append("\nOptions:");
            foreach (var (letter, option) in choices)
            {
                text.Append('\n').Append(letter).Append('.').Append(option);
            }
        }

        return text.Append('\n').Append(FormOf(sample)).ToString();
    }

    /// <summary>How the answer is to be written, by the type of question.</summary>
    public static string FormOf(Sample sample) => sample.Kind switch
    {
        AnswerKind.MultipleChoice => "Answer with the letter of the right option, between <answer> and </answer>.",
        AnswerKind.YesNo => "Answer yes or no, between <answer> and </answer>.",
        AnswerKind.Numerical or AnswerKind.Regression => "Answer with a number, between <answer> and </answer>.",
        AnswerKind.Transcript => "Write the text that is seen, between <answer> and </answer>.",
        _ => "Write your answer between <answer> and </answer>.",
    };
}
