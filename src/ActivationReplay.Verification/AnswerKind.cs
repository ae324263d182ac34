namespace ActivationReplay.Verification;

/// <summary>The form in which a question is to be answered.</summary>
public enum AnswerKind
{
    /// <summary>With words, a number or a formula.</summary>
    Open,

    /// <summary>With the letter of an option.</summary>
    MultipleChoice,

    /// <summary>With yes or no.</summary>
    YesNo,

    /// <summary>With a number, right if it equals the reference to two decimals.</summary>
    Numerical,

    /// <summary>With a number, scored by its distance from the reference: 1 − |x − r| / |r|, at least 0.</summary>
    Regression,

    /// <summary>With a text as it is seen (Video-R1's OCR), scored by 1 − word error rate, at least 0.</summary>
    Transcript,

    /// <summary>With a text, scored by the mean F of ROUGE-1, ROUGE-2 and ROUGE-L.</summary>
    FreeForm,
}
