using System.Globalization;
using ActivationReplay.Ablations.Errors;
using ActivationReplay.Evaluation.Shifts;
using ActivationReplay.Lens;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Ablations.LensReports;

/// <summary>The settings of a lens run.</summary>
/// <param name="AllPositions">Whether all positions of a prompt are compared, or the visual ones only.</param>
/// <param name="KlTokens">K of the top-K form of the KL; 0 is the whole vocabulary.</param>
internal sealed record LensPlan(bool AllPositions, int KlTokens)
{
    /// <summary>The number of entropy buckets, as in the paper's Figure 3.</summary>
    public const int Buckets = 10;

    /// <summary>The number of tokens of a position in tokens.csv, as in the paper's Figure 2.</summary>
    public const int TopTokens = 3;
}

/// <summary>Compares base and RLVR on one sample after another.</summary>
/// <param name="pair">The pair.</param>
/// <param name="plan">What is done with each sample.</param>
/// <param name="scratch">Where the states of a stretch of samples wait for the comparison, if one model is in memory at a time.</param>
internal sealed class LensRunner(ReplayPair pair, LensPlan plan, string scratch) : IDisposable
{
    private readonly Dictionary<LensQuestion, (string Path, IReadOnlyList<int> Positions)> recorded = [];
    private readonly Dictionary<LensQuestion, string> failed = [];

    /// <summary>How many samples are best begun together.</summary>
    public int Stretch => pair.Models == ModelsInMemory.One ? 64 : 1;

    /// <summary>Records both models' states of samples, one model after the other, if one is in memory at a time.</summary>
    public void Begin(IReadOnlyList<LensQuestion> rows, CancellationToken cancel)
    {
        if (pair.Models == ModelsInMemory.Both)
        {
            return;
        }

        Clear();
        Directory.CreateDirectory(scratch);
        foreach (var (role, row) in Enum.GetValues<ModelRole>().SelectMany(role => rows.Select(r => (role, r))))
        {
            if (failed.ContainsKey(row))
            {
                continue;
            }

            if (cancel.IsCancellationRequested)
            {
                return;
            }

            try
            {
                using var states = pair.States(role, row.Ask(), plan.AllPositions);
                var (path, _) = recorded.TryGetValue(row, out var known)
                    ? known
                    : recorded[row] = (Path.Combine(scratch, recorded.Count.ToString(CultureInfo.InvariantCulture)), states.Positions);
                states.Save(Of(role, path));
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                failed[row] = Said(e);
            }
        }
    }

    /// <summary>
    /// Compares the models on one sample. An error is part of the result, so that one bad sample does not end a run.
    /// </summary>
    /// <param name="row">The sample.</param>
    /// <param name="report">If given, writes the sample's files into <paramref name="folder"/>.</param>
    /// <param name="folder">The sample's own folder.</param>
    public LensResult Run(LensQuestion row, PictureReport? report, string folder)
    {
        if (failed.TryGetValue(row, out var error))
        {
            return new LensResult(row.Id, null, null, error);
        }

        try
        {
            using var ofBase = Recorded(ModelRole.Base, row);
            using var ofRlvr = Recorded(ModelRole.Rlvr, row);
            var question = row.Ask();
            using var lens = pair.Lens(
                question, plan.AllPositions, plan.KlTokens, LensPlan.TopTokens, ofBase is null ? null : (ofBase, ofRlvr!));
            var shift = SampleShift.Of(row.Id, lens.Comparison, LensPlan.Buckets);
            return new LensResult(row.Id, shift, report?.Write(folder, lens.Comparison, lens.Inputs, question), null);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new LensResult(row.Id, null, null, Said(e));
        }
    }

    public void Dispose() => Clear();

    private static string Said(Exception e) => e is LensQuestionException ? e.Message : ErrorLine.Of(e);

    private static string Of(ModelRole role, string path) => $"{path}-{role}.safetensors";

    private LensStates? Recorded(ModelRole role, LensQuestion row) =>
        recorded.TryGetValue(row, out var own) ? LensStates.Load(Of(role, own.Path), own.Positions, pair.DeviceOf(role)) : null;

    private void Clear()
    {
        recorded.Clear();
        failed.Clear();
        if (Directory.Exists(scratch))
        {
            Directory.Delete(scratch, recursive: true);
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
