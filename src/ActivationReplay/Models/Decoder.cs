using ActivationReplay.Checkpoints;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>The language model: embeddings, decoder layers, final norm.</summary>
internal sealed class Decoder : nn.Module
{
    private readonly TokenEmbedding embed_tokens;
    private readonly ModuleList<DecoderLayer> layers;
    private readonly RmsNorm norm;

    public Decoder(IWeights weights, string key, TextConfig config)
        : base(nameof(Decoder))
    {
        embed_tokens = new TokenEmbedding(weights, $"{key}.embed_tokens", config.VocabularySize, config.HiddenSize);
        layers = new ModuleList<DecoderLayer>(
            [.. Enumerable.Range(0, config.Layers).Select(l => new DecoderLayer(weights, $"{key}.layers.{l}", config, l))]);
        norm = new RmsNorm(weights, $"{key}.norm", config.HiddenSize, config.RmsNormEpsilon);
        RegisterComponents();
    }

    public DecoderLayer Layer(int layer) => layers[layer];

    public IReadOnlyList<DecoderLayer> AllLayers => [.. layers];

    public RmsNorm FinalNorm => norm;

    /// <summary>The embeddings, [B, T, D], of <paramref name="ids"/> [B, T] int64.</summary>
    public Tensor Embed(Tensor ids) => embed_tokens.Forward(ids);

    /// <summary>Applies the final norm to <paramref name="x"/> [..., D].</summary>
    public Tensor Norm(Tensor x) => norm.Forward(x);
}

/// <summary>The embedding table [V, D], looked up by token id.</summary>
internal sealed class TokenEmbedding : nn.Module
{
    private readonly Parameter weight;

    public TokenEmbedding(IWeights weights, string key, long vocabulary, long width)
        : base(nameof(TokenEmbedding))
    {
        weight = weights.Parameter($"{key}.weight", vocabulary, width);
        RegisterComponents();
    }

    public Tensor Forward(Tensor ids) => weight.index_select(0, ids.flatten()).view([.. ids.shape, weight.shape[1]]);
}
