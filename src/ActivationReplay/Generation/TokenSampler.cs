using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Generation;

/// <summary>Chooses the next token of each row of logits.</summary>
internal static class TokenSampler
{
    /// <summary>The ids of the next tokens, [B].</summary>
    /// <param name="logits">The logits, [B, V], of any floating type and device.</param>
    /// <param name="settings">Temperature, top-k, top-p.</param>
    /// <param name="uniforms">A uniform number in [0, 1) for each row, [B]; not used by greedy decoding.</param>
    public static long[] Choose(Tensor logits, GenerationSettings settings, ReadOnlySpan<double> uniforms)
    {
        using var scope = NewDisposeScope();
        if (settings.Temperature == 0)
        {
            return logits.argmax(-1).cpu().data<long>().ToArray();
        }

        var vocabulary = logits.shape[^1];
        var scaled = logits.to_type(ScalarType.Float64) / Scalars.Of(settings.Temperature);
        var restricted = settings.TopK > 0 && settings.TopK < vocabulary;
        if (!restricted && settings.TopP == 1)
        {
            return Draw(scaled.softmax(-1), uniforms).cpu().data<long>().ToArray();
        }

        // Sorted, so that top-k and top-p both keep a prefix.
        var (values, ids) = scaled.topk((int)(restricted ? settings.TopK : vocabulary));
        var probabilities = values.softmax(-1);
        if (settings.TopP < 1)
        {
            var before = probabilities.cumsum(-1) - probabilities;
            probabilities = probabilities.masked_fill(before >= Scalars.Of(settings.TopP), Scalars.Zero);
        }

        return ids.gather(-1, Draw(probabilities, uniforms).unsqueeze(-1)).squeeze(-1).cpu().data<long>().ToArray();
    }

    // Inverse transform sampling; rows need not sum to 1.
    private static Tensor Draw(Tensor probabilities, ReadOnlySpan<double> uniforms)
    {
        var cumulative = probabilities.cumsum(-1);
        var total = cumulative.narrow(-1, cumulative.shape[^1] - 1, 1);
        var threshold = tensor(uniforms.ToArray(), ScalarType.Float64, probabilities.device).unsqueeze(-1) * total;
        // The first token whose cumulative probability exceeds the threshold, so that tokens of probability 0 are never chosen.
        return (cumulative <= threshold).sum(-1).clamp_max_(Scalars.Of(probabilities.shape[^1] - 1));
    }
}
