using CsvHelper.Configuration.Attributes;

namespace ActivationReplay.Ablations.Storage;

/// <summary>One answer of one cell to one question: a line of samples.csv.</summary>
public sealed record SampleRow : ISettingRow<SampleRow>
{
    [Name("cell")] public required string Cell { get; init; }

    [Name("sample")] public required string Sample { get; init; }

    [Name("family")] public string? Family { get; init; }

    /// <summary>Which order of its options a question has, where the data set asks it in several.</summary>
    [Name("cycle")] public string? Cycle { get; init; }

    /// <summary>The first row that asks the same question in another order of its options: what statistics take as one question.</summary>
    [Name("problem")] public string? Problem { get; init; }

    [Name("repetition")] public int Repetition { get; init; }

    [Name("seed")] public ulong Seed { get; init; }

    [Name("question")] public string? Question { get; init; }

    [Name("reference")] public string? Reference { get; init; }

    [Name("output")] public string? Output { get; init; }

    [Name("extracted")] public string? Extracted { get; init; }

    [Name("rule")] public string? Rule { get; init; }

    [Name("correct")] public bool? Correct { get; init; }

    /// <summary>How good a graded answer is, from 0 to 1; null where answers are right or wrong.</summary>
    [Name("score")] public double? Score { get; init; }

    /// <summary>The score that statistics are made of: 1 or 0 where answers are right or wrong.</summary>
    [Ignore, System.Text.Json.Serialization.JsonIgnore]
    public double Value => Score ?? (Correct == true ? 1 : 0);

    [Name("finished")] public bool? Finished { get; init; }

    [Name("prompt_tokens")] public int? PromptTokens { get; init; }

    [Name("visual_tokens")] public int? VisualTokens { get; init; }

    [Name("new_tokens")] public int? NewTokens { get; init; }

    [Name("loss_first")] public double? LossFirst { get; init; }

    [Name("loss_last")] public double? LossLast { get; init; }

    [Name("status")] public string? Status { get; init; }

    [Name("error")] public string? Error { get; init; }

    /// <summary>What was unusual about how it was computed: in smaller batches where memory ran out.</summary>
    [Name("note")] public string? Note { get; init; }

    /// <summary>The times of the answer; null for an error.</summary>
    public SampleTimes? Times { get; init; }

    /// <summary>The conversation that led to the answer; null where there was none.</summary>
    public AgentColumns? Agent { get; init; }

    /// <summary>All settings, so that a row is complete by itself.</summary>
    // CsvTable writes and reads their columns itself.
    [Ignore] public required SettingColumns Settings { get; init; }

    SampleRow ISettingRow<SampleRow>.With(SettingColumns settings) => this with { Settings = settings };
}
