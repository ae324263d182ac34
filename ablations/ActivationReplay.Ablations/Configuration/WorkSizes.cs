namespace ActivationReplay.Ablations.Configuration;

/// <summary>
/// How much of a batch is computed together, chosen by what memory holds. The batch itself, and so its shard, is the
/// configuration's. Kept in run.json: with other sizes sums of floating point may differ in their last digits, in losses on every
/// device, in logits in other types than fp32 and on a GPU.
/// </summary>
/// <param name="Questions">The most questions of a batch.</param>
/// <param name="Variants">The most variants of a method in one loop.</param>
/// <param name="Sequences">The most answers that are decoded together.</param>
/// <param name="VocabularyRows">The most rows of logits over the whole vocabulary; null is the engine's own choice.</param>
/// <param name="Loops">The most questions whose loops are one batch.</param>
public sealed record WorkSizes(int Questions, int Variants, int Sequences, long? VocabularyRows = null, int Loops = 1)
{
    /// <summary>All together, but for loops.</summary>
    public static WorkSizes Whole { get; } = new(int.MaxValue, int.MaxValue, int.MaxValue);
}
