namespace ActivationReplay.Evaluation.Datasets;

/// <summary>A row of a data set: a sample, or the error of a bad row, which does not end a run.</summary>
/// <param name="Id">The id of the row, or its location in the file if it has none.</param>
/// <param name="Sample">The sample; null for a bad row.</param>
/// <param name="Error">What is wrong with the row; null for a good one.</param>
public sealed record DatasetRow(string Id, Sample? Sample, string? Error);
