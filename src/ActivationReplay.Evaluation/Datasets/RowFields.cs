namespace ActivationReplay.Evaluation.Datasets;

/// <summary>What a file says of a question, before <see cref="SampleRules"/> makes a sample of it. Absent is null.</summary>
internal sealed record RowFields
{
    public string? Question { get; init; }

    public string? Answer { get; init; }

    /// <summary>Whether the file holds the answer as a whole number, which may be an option's place.</summary>
    public bool AnswerIsNumber { get; init; }

    public string? Hint { get; init; }

    public string? Family { get; init; }

    /// <summary>VLMEvalKit's <c>question_type</c> and the like.</summary>
    public string? Type { get; init; }

    public ChoiceFields? Choices { get; init; }

    public PromptTemplate? Template { get; init; }
}
