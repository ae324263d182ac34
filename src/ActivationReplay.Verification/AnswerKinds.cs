namespace ActivationReplay.Verification;

/// <summary>Determines the kind of a question from the fields of its data set.</summary>
public static class AnswerKinds
{
    private static readonly string[] s_yesNoTypes = ["yes/no", "yes_no", "yes-no", "yesno", "y/n", "yorn"];

    private static readonly string[] s_choiceTypes =
        ["multi_choice", "multiple_choice", "multi-choice", "multiple-choice", "multi choice", "multiple choice", "multichoice", "single_choice", "multi_select", "choice", "mcq", "mc"];

    /// <summary>
    /// A question with options is a multiple choice. Without options, the type decides if there is one: a multiple choice whose
    /// reference consists of labels (<see cref="ChoiceLabels"/>) has its options drawn in the picture, and one whose reference is a
    /// text is open. Without a type, the reference decides: yes or no, or a capital letter, or several with commas between them.
    /// </summary>
    /// <param name="type">VLMEvalKit's <c>question_type</c> and the like, or null.</param>
    /// <param name="answer">The reference answer.</param>
    /// <param name="hasOptions">Whether the file gives the options' texts.</param>
    public static AnswerKind Of(string? type, string answer, bool hasOptions) =>
        hasOptions ? AnswerKind.MultipleChoice
        : type is null ? OfReference(answer)
        : Is(type, s_yesNoTypes) ? AnswerKind.YesNo
        : Is(type, s_choiceTypes) && ChoiceLabels.Parse(answer, isDeclared: true) is not null ? AnswerKind.MultipleChoice
        : AnswerKind.Open;

    /// <summary>The kind of Video-R1's <c>problem_type</c>; null for another.</summary>
    public static AnswerKind? OfProblem(string type) => type.Trim().Replace('_', ' ').Replace('-', ' ').ToUpperInvariant() switch
    {
        "MULTIPLE CHOICE" => AnswerKind.MultipleChoice,
        "NUMERICAL" => AnswerKind.Numerical,
        "OCR" => AnswerKind.Transcript,
        "FREE FORM" => AnswerKind.FreeForm,
        "REGRESSION" => AnswerKind.Regression,
        _ => null,
    };

    private static AnswerKind OfReference(string answer) =>
        answer.Trim().ToUpperInvariant() is "YES" or "NO" ? AnswerKind.YesNo
        : ChoiceLabels.Parse(answer, isDeclared: false) is not null ? AnswerKind.MultipleChoice
        : AnswerKind.Open;

    private static bool Is(string type, string[] names) => names.Contains(type.Trim(), StringComparer.OrdinalIgnoreCase);
}
