using ActivationReplay.Ablations.Errors;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Evaluation.Shifts;

namespace ActivationReplay.Ablations.LensReports;

/// <summary>The settings of a lens run.</summary>
/// <param name="AllPositions">Whether all positions of a prompt are compared, or the visual ones only.</param>
/// <param name="KlTokens">K of the top-K form of the KL; 0 is the whole vocabulary.</param>
/// <param name="SystemPrompt">System message of every prompt, or null.</param>
internal sealed record LensPlan(bool AllPositions, int KlTokens, string? SystemPrompt)
{
    /// <summary>The number of entropy buckets, as in the paper's Figure 3.</summary>
    public const int Buckets = 10;

    /// <summary>The number of tokens of a position in tokens.csv, as in the paper's Figure 2.</summary>
    public const int TopTokens = 3;
}

/// <summary>Compares base and RLVR on one sample after another.</summary>
internal sealed class LensRunner(ReplayPair pair, LensPlan plan)
{
    /// <summary>
    /// Compares the models on one sample. An error is part of the result, so that one bad sample does not end a run.
    /// </summary>
    /// <param name="row">A row of a data set.</param>
    /// <param name="report">If given, writes the sample's files into <paramref name="folder"/>.</param>
    /// <param name="folder">The sample's own folder.</param>
    public LensResult Run(DatasetRow row, PictureReport? report, string folder)
    {
        if (row.Sample is not { } sample)
        {
            return new LensResult(row.Id, null, null, row.Error);
        }

        try
        {
            var question = new Question(sample.Conversation(plan.SystemPrompt));
            using var lens = pair.Lens(question, plan.AllPositions, plan.KlTokens, LensPlan.TopTokens);
            var shift = SampleShift.Of(sample.Id, lens.Comparison, LensPlan.Buckets);
            return new LensResult(sample.Id, shift, report?.Write(folder, lens.Comparison, lens.Inputs, sample.Images), null);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new LensResult(sample.Id, null, null, ErrorLine.Of(e));
        }
    }
}

/// <summary>The result of one sample.</summary>
/// <param name="Id">The id of the sample.</param>
/// <param name="Shift">Its shift; null if it failed.</param>
/// <param name="Tokens">The positions at which the most likely tokens differ; null without a report.</param>
/// <param name="Error">The error; null if it did not fail.</param>
internal sealed record LensResult(string Id, SampleShift? Shift, IReadOnlyList<ChangedTokensRow>? Tokens, string? Error)
{
    public LensSampleRow Row => Shift is null ? new LensSampleRow { Sample = Id, Error = Error } : LensSampleRow.Of(Shift);
}
