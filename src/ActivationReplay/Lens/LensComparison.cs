using ActivationReplay.Inputs;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Lens;

/// <summary>The most likely tokens at each layer and position.</summary>
/// <param name="Ids">[L+1, n, k] int64, most likely first.</param>
/// <param name="Probabilities">[L+1, n, k] fp32, of the whole vocabulary: they do not sum to one.</param>
public readonly record struct LensTokens(Tensor Ids, Tensor Probabilities);

/// <summary>
/// What base and RLVR would say at every layer and some positions of one prompt, read through each model's own lens
/// (<see cref="LogitLens"/>), and how far the two are apart. Layer l is the state entering decoder layer l; L leaves the
/// last one. Plain data on the CPU, in nats; size (L+1) · positions · (16 + 24 k) bytes.
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

    /// <summary>Prompt positions of the columns, [n].</summary>
    public IReadOnlyList<int> Positions { get; }

    /// <summary>L+1, the number of layers' states.</summary>
    public int Layers => (int)Kl.shape[0];

    /// <summary>H_b = -Σ p_b log p_b, [L+1, n] fp32.</summary>
    public Tensor BaseEntropy { get; }

    /// <summary>H_r, [L+1, n] fp32.</summary>
    public Tensor RlvrEntropy { get; }

    /// <summary>KL(p_b ‖ p_r) over the whole vocabulary, [L+1, n] fp32.</summary>
    public Tensor Kl { get; }

    /// <summary>KL over the base's most likely tokens, both renormalised over them, [L+1, n] fp32: the replay loss's form.</summary>
    public Tensor TopKl { get; }

    /// <summary>The base's tokens.</summary>
    public LensTokens BaseTokens { get; }

    /// <summary>The RLVR model's tokens.</summary>
    public LensTokens RlvrTokens { get; }

    /// <summary>Runs both models over a prompt and compares them.</summary>
    /// <param name="basePrompt">The prompt as base encoded it.</param>
    /// <param name="rlvrPrompt">The same prompt as RLVR encoded it.</param>
    /// <param name="positions">Any prompt positions, [n].</param>
    /// <param name="klTokens">K, the base's tokens that <see cref="TopKl"/> compares; 0 is the whole vocabulary.</param>
    /// <param name="topTokens">k, the tokens that are kept of each model.</param>
    /// <exception cref="ArgumentException">The two are encodings of different prompts.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A position is outside the prompt, or K or k outside the vocabulary.</exception>
    public static LensComparison Compare(
        EncodedPrompt basePrompt, EncodedPrompt rlvrPrompt, IReadOnlyList<int> positions, int klTokens = 50, int topTokens = 3) =>
        Compare(
            basePrompt, rlvrPrompt, positions, klTokens, topTokens,
            RowChunks.RowsFor(basePrompt.Model.Config.Text.VocabularySize));

    /// <summary>Runs RLVR over a prompt and compares it with the recorded states of base, whose model may be gone.</summary>
    /// <param name="original">Base's states of the same prompt.</param>
    /// <param name="rlvr">The RLVR model.</param>
    /// <param name="inputs">The prompt.</param>
    /// <param name="klTokens">K, the base's tokens that <see cref="TopKl"/> compares; 0 is the whole vocabulary.</param>
    /// <param name="topTokens">k, the tokens that are kept of each model.</param>
    /// <exception cref="ArgumentOutOfRangeException">K or k is outside the vocabulary.</exception>
    public static LensComparison Compare(LensStates original, QwenVlModel rlvr, ModelInputs inputs, int klTokens = 50, int topTokens = 3)
    {
        var vocabulary = rlvr.Config.Text.VocabularySize;
        CheckCounts(klTokens, topTokens, vocabulary);
        using var states = LensStates.Of(rlvr, inputs, original.Positions);
        return Compare(original, states, klTokens == 0 ? vocabulary : klTokens, topTokens, RowChunks.RowsFor(vocabulary));
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
        return Compare(original, rlvr, klTokens == 0 ? vocabulary : klTokens, topTokens, chunkRows);
    }

    private static LensComparison Compare(LensStates original, LensStates rlvr, int k, int topTokens, long chunkRows)
    {
        using var scope = NewDisposeScope();
        var rows = original.States.shape[0];
        var parts = RowChunks.Map(rows, chunkRows, (start, count) => Rows(
            original.Lens.LogProbabilities(original.States.narrow(0, start, count)),
            rlvr.Lens.LogProbabilities(rlvr.States.narrow(0, start, count)),
            k,
            topTokens));
        return new LensComparison(
            original.Positions,
            [.. parts.Select(t => t.view([original.Layers + 1, original.Positions.Count, .. t.shape[1..]]).cpu().DetachFromDisposeScope())]);
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

    // All quantities of some rows from log p_b and log p_r [rows, V]: the logits, which cost most, are computed once.
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
