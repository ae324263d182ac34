using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Lens;

/// <summary>The most likely tokens at each layer and position.</summary>
/// <param name="Ids">[L+1, n, k] int64, most likely first.</param>
/// <param name="Probabilities">[L+1, n, k] fp32, of a softmax over the whole vocabulary, so that they sum to less than 1.</param>
public readonly record struct LensTokens(Tensor Ids, Tensor Probabilities);

/// <summary>
/// The distributions that base and RLVR predict at every layer and some positions of one prompt, each through its own
/// <see cref="LogitLens"/>, and the divergence between the two. Layer l is the hidden state entering decoder layer l; layer L is
/// the state leaving the last one. Tensors on the CPU, in nats, (L+1) · n · (16 + 24 k) bytes in all.
/// </summary>
public sealed class LensComparison : IDisposable
{
    private LensComparison(IReadOnlyList<int> positions, Tensor[] parts)
    {
        Positions = positions;
        (BaseEntropy, RlvrEntropy, Kl, TopKl) = (parts[0], parts[1], parts[2], parts[3]);
        BaseTokens = new LensTokens(parts[4], parts[5]);
        RlvrTokens = new LensTokens(parts[6], parts[7]);
    }

    /// <summary>The n prompt positions that are compared, in the order of the second axis.</summary>
    public IReadOnlyList<int> Positions { get; }

    /// <summary>L+1, the number of states at each position.</summary>
    public int Layers => (int)Kl.shape[0];

    /// <summary>The entropy of base, H_b = −Σ p_b log p_b, [L+1, n] fp32.</summary>
    public Tensor BaseEntropy { get; }

    /// <summary>The entropy of RLVR, H_r = −Σ p_r log p_r, [L+1, n] fp32.</summary>
    public Tensor RlvrEntropy { get; }

    /// <summary>KL(p_b ‖ p_r) over the whole vocabulary, [L+1, n] fp32.</summary>
    public Tensor Kl { get; }

    /// <summary>
    /// KL(p_b ‖ p_r) over the K most likely tokens of base, both renormalised over them, as in the replay loss, [L+1, n] fp32.
    /// </summary>
    public Tensor TopKl { get; }

    /// <summary>The k most likely tokens of base.</summary>
    public LensTokens BaseTokens { get; }

    /// <summary>The k most likely tokens of RLVR.</summary>
    public LensTokens RlvrTokens { get; }

    /// <summary>Runs all layers of both models over a prompt and compares their hidden states through the lens.</summary>
    /// <param name="basePrompt">The prompt as base encoded it.</param>
    /// <param name="rlvrPrompt">The same prompt as RLVR encoded it.</param>
    /// <param name="positions">The n prompt positions to compare, in any order.</param>
    /// <param name="klTokens">
    /// K, the number of base's most likely tokens that <see cref="TopKl"/> compares; 0 is the whole vocabulary.
    /// </param>
    /// <param name="topTokens">k, the number of most likely tokens that are kept of each model.</param>
    /// <exception cref="ArgumentException">The two are encodings of different prompts.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A position is outside the prompt, or K or k outside the vocabulary.
    /// </exception>
    public static LensComparison Compare(
        EncodedPrompt basePrompt, EncodedPrompt rlvrPrompt, IReadOnlyList<int> positions, int klTokens = 50, int topTokens = 3) =>
        Compare(
            basePrompt, rlvrPrompt, positions, klTokens, topTokens,
            RowChunks.RowsFor(basePrompt.Model.Config.Text.VocabularySize));

    /// <summary>Compares recorded states of base and RLVR, whose models may be gone but for norm and head.</summary>
    /// <param name="original">Base's states.</param>
    /// <param name="originalLens">Base's lens.</param>
    /// <param name="rlvr">RLVR's states of the same prompt at the same positions.</param>
    /// <param name="rlvrLens">RLVR's lens.</param>
    /// <param name="vocabulary">V.</param>
    /// <param name="klTokens">K, the base's tokens that <see cref="TopKl"/> compares; 0 is the whole vocabulary.</param>
    /// <param name="topTokens">k, the tokens that are kept of each model.</param>
    /// <exception cref="ArgumentOutOfRangeException">K or k is outside the vocabulary.</exception>
    public static LensComparison Compare(
        LensStates original, LogitLens originalLens, LensStates rlvr, LogitLens rlvrLens, int vocabulary, int klTokens = 50, int topTokens = 3)
    {
        CheckCounts(klTokens, topTokens, vocabulary);
        return Compare(original, originalLens, rlvr, rlvrLens, klTokens == 0 ? vocabulary : klTokens, topTokens, RowChunks.RowsFor(vocabulary));
    }

    internal static LensComparison Compare(
        EncodedPrompt basePrompt, EncodedPrompt rlvrPrompt, IReadOnlyList<int> positions, int klTokens, int topTokens, long chunkRows)
    {
        var vocabulary = basePrompt.Model.Config.Text.VocabularySize;
        if (!basePrompt.Inputs.Ids.SequenceEqual(rlvrPrompt.Inputs.Ids))
        {
            throw new ArgumentException("base and RLVR encode different prompts; a comparison needs one.");
        }

        CheckCounts(klTokens, topTokens, vocabulary);
        using var original = LensStates.Of(basePrompt, positions);
        using var rlvr = LensStates.Of(rlvrPrompt, positions);
        return Compare(
            original, new LogitLens(basePrompt.Model), rlvr, new LogitLens(rlvrPrompt.Model), klTokens == 0 ? vocabulary : klTokens, topTokens, chunkRows);
    }

    private static LensComparison Compare(
        LensStates original, LogitLens originalLens, LensStates rlvr, LogitLens rlvrLens, int k, int topTokens, long chunkRows)
    {
        using var scope = NewDisposeScope();
        var rows = original.States.shape[0];
        var parts = RowChunks.Map(rows, chunkRows, (start, count) => Rows(
            originalLens.LogProbabilities(original.States.narrow(0, start, count)),
            rlvrLens.LogProbabilities(rlvr.States.narrow(0, start, count)).to(original.States.device),
            k,
            topTokens));
        return new LensComparison(
            original.Positions,
            [.. parts.Select(t => t.view([original.Layers, original.Positions.Count, .. t.shape[1..]]).cpu().DetachFromDisposeScope())]);
    }

    private static void CheckCounts(int klTokens, int topTokens, int vocabulary)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(klTokens);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(klTokens, vocabulary);
        ArgumentOutOfRangeException.ThrowIfLessThan(topTokens, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(topTokens, vocabulary);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var part in new[]
        {
            BaseEntropy, RlvrEntropy, Kl, TopKl, BaseTokens.Ids, BaseTokens.Probabilities, RlvrTokens.Ids, RlvrTokens.Probabilities,
        })
        {
            part.Dispose();
        }
    }

    // All quantities of a chunk of rows, from log p_b and log p_r [rows, V], so that the expensive logits are computed once.
    private static Tensor[] Rows(Tensor logP, Tensor logQ, int klTokens, int topTokens)
    {
        var p = logP.exp();
        var (topP, ids) = logP.topk(Math.Max(klTokens, topTokens));
        var (topQ, rlvrIds) = logQ.topk(topTokens);
        var logPk = nn.functional.log_softmax(topP.narrow(1, 0, klTokens), -1);
        var logQk = nn.functional.log_softmax(logQ.gather(1, ids.narrow(1, 0, klTokens)), -1);
        return
        [
            Divergence.Entropy(logP),
            Divergence.Entropy(logQ),
            Divergence.Kl(p, logP, logQ),
            Divergence.Kl(logPk.exp(), logPk, logQk),
            ids.narrow(1, 0, topTokens),
            topP.narrow(1, 0, topTokens).exp(),
            rlvrIds,
            topQ.exp(),
        ];
    }
}
