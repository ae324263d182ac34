using ActivationReplay.Inputs;
using ActivationReplay.Lens;
using ActivationReplay.Text;

namespace ActivationReplay;

/// <summary>A token that a model would say.</summary>
/// <param name="Text">The token as text; bytes that are no whole character are U+FFFD.</param>
/// <param name="Probability">Its probability among the whole vocabulary.</param>
public readonly record struct LensToken(string Text, double Probability);

/// <summary>Base and RLVR at one layer and position, in nats.</summary>
/// <param name="Layer">The state that enters this decoder layer; L leaves the last one.</param>
/// <param name="Position">The prompt's position.</param>
/// <param name="BaseEntropy">The entropy of the base model's lens.</param>
/// <param name="RlvrEntropy">The entropy of the RLVR model's lens.</param>
/// <param name="Kl">KL(base ‖ RLVR) over the whole vocabulary.</param>
/// <param name="TopKl">The same over the base model's most likely tokens, the form of the replay loss.</param>
/// <param name="Base">What base would say, most likely first.</param>
/// <param name="Rlvr">What RLVR would say, most likely first.</param>
public sealed record LensPoint(
    int Layer,
    int Position,
    double BaseEntropy,
    double RlvrEntropy,
    double Kl,
    double TopKl,
    IReadOnlyList<LensToken> Base,
    IReadOnlyList<LensToken> Rlvr);

/// <summary>A <see cref="LensComparison"/> of one question with its prompt, whose tokens it reads as text.</summary>
public sealed class LensReading : IDisposable
{
    private readonly QwenTokenizer tokenizer;

    internal LensReading(LensComparison comparison, ModelInputs inputs, QwenTokenizer tokenizer)
    {
        (Comparison, Inputs, this.tokenizer) = (comparison, inputs, tokenizer);
        Tokens = [.. comparison.Positions.Select(p => tokenizer.Decode([inputs.Ids[p]], skipSpecialTokens: false))];
    }

    /// <summary>The numbers of all layers and positions as tensors.</summary>
    public LensComparison Comparison { get; }

    /// <summary>The prompt, whose spans say where on which picture a position is.</summary>
    public ModelInputs Inputs { get; }

    /// <summary>Prompt positions that were read, ascending, [n].</summary>
    public IReadOnlyList<int> Positions => Comparison.Positions;

    /// <summary>The prompt's tokens at these positions as text, [n].</summary>
    public IReadOnlyList<string> Tokens { get; }

    /// <summary>L+1, the number of states that were read at each position.</summary>
    public int Layers => Comparison.Layers;

    /// <summary>What was read at one layer and position.</summary>
    /// <param name="layer">0 to L.</param>
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
