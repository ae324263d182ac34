using ActivationReplay.Inputs;
using ActivationReplay.Lens;
using ActivationReplay.Text;

namespace ActivationReplay;

/// <summary>A token that a model predicts at some layer and position.</summary>
/// <param name="Text">The decoded token; bytes that do not form a character are U+FFFD.</param>
/// <param name="Probability">Its probability, of a softmax over the whole vocabulary.</param>
public readonly record struct LensToken(string Text, double Probability);

/// <summary>The logit lenses of base and RLVR at one layer and position; entropies and divergences in nats.</summary>
/// <param name="Layer">l, for the state entering decoder layer l; L is the state leaving the last one.</param>
/// <param name="Position">The position in the prompt, from 0.</param>
/// <param name="BaseEntropy">The entropy of the base model's lens.</param>
/// <param name="RlvrEntropy">The entropy of the RLVR model's lens.</param>
/// <param name="Kl">KL(base ‖ RLVR) over the whole vocabulary.</param>
/// <param name="TopKl">KL(base ‖ RLVR) over base's most likely tokens, both renormalised over them, as in the replay loss.</param>
/// <param name="Base">The most likely tokens of base, most likely first.</param>
/// <param name="Rlvr">The most likely tokens of RLVR, most likely first.</param>
public sealed record LensPoint(
    int Layer,
    int Position,
    double BaseEntropy,
    double RlvrEntropy,
    double Kl,
    double TopKl,
    IReadOnlyList<LensToken> Base,
    IReadOnlyList<LensToken> Rlvr);

/// <summary>A <see cref="LensComparison"/> of one question, with the prompt, and with tokens decoded to text.</summary>
public sealed class LensReading : IDisposable
{
    private readonly QwenTokenizer tokenizer;

    internal LensReading(LensComparison comparison, ModelInputs inputs, QwenTokenizer tokenizer)
    {
        (Comparison, Inputs, this.tokenizer) = (comparison, inputs, tokenizer);
        Tokens = [.. comparison.Positions.Select(p => tokenizer.Decode([inputs.Ids[p]], skipSpecialTokens: false))];
    }

    /// <summary>The comparison as tensors over all layers and positions.</summary>
    public LensComparison Comparison { get; }

    /// <summary>The prompt; its spans map a position to a place in a picture.</summary>
    public ModelInputs Inputs { get; }

    /// <summary>The n prompt positions that were compared, ascending.</summary>
    public IReadOnlyList<int> Positions => Comparison.Positions;

    /// <summary>The prompt's tokens at <see cref="Positions"/>, decoded, [n].</summary>
    public IReadOnlyList<string> Tokens { get; }

    /// <summary>L+1, the number of states at each position.</summary>
    public int Layers => Comparison.Layers;

    /// <summary>The comparison at one layer and position.</summary>
    /// <param name="layer">The layer, 0 to L.</param>
    /// <param name="index">An index into <see cref="Positions"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer or index.</exception>
    public LensPoint At(int layer, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, Layers);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Positions.Count);
        using var scope = TorchSharp.torch.NewDisposeScope();
        return new LensPoint(
            layer,
            Positions[index],
            Comparison.BaseEntropy[layer, index].item<float>(),
            Comparison.RlvrEntropy[layer, index].item<float>(),
            Comparison.Kl[layer, index].item<float>(),
            Comparison.TopKl[layer, index].item<float>(),
            TokensOf(Comparison.BaseTokens),
            TokensOf(Comparison.RlvrTokens));

        IReadOnlyList<LensToken> TokensOf(LensTokens tokens)
        {
            var ids = tokens.Ids[layer, index].data<long>().ToArray();
            var probabilities = tokens.Probabilities[layer, index].data<float>().ToArray();
            return
            [
                .. ids.Zip(probabilities, (id, p) => new LensToken(tokenizer.Decode([(int)id], skipSpecialTokens: false), p)),
            ];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Comparison.Dispose();
        Inputs.Dispose();
    }
}
