namespace ActivationReplay.Evaluation.Datasets;

/// <summary>The fields of a row of any format, from which <see cref="SampleRules"/> makes a sample; null for absent ones.</summary>
internal sealed record RowFields
{
    public string? Question { get; init; }

    public string? Answer { get; init; }

    /// <summary>Whether the file stores the answer as a whole number, which may be the index of an option.</summary>
    public bool AnswerIsNumber { get; init; }

    public string? Hint { get; init; }

    public string? Family { get; init; }

    public string? Cycle { get; init; }

    /// <summary>The type of question, as in VLMEvalKit's <c>question_type</c>.</summary>
    public string? Type { get; init; }

    /// <summary>Video-R1's <c>problem_type</c>, which decides how answers are scored.</summary>
    public string? Problem { get; init; }

    public ChoiceFields? Choices { get; init; }

    public PromptTemplate? Template { get; init; }
}
