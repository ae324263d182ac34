namespace ActivationReplay.Evaluation.Datasets;

/// <summary>A row of a data set: a sample, or why it is none. One bad row does not end a run.</summary>
/// <param name="Id">The row's id, or its line.</param>
/// <param name="Sample">Null where the row is bad.</param>
/// <param name="Error">Null where the row is good.</param>
public sealed record DatasetRow(string Id, Sample? Sample, string? Error);
