using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Generation;

/// <summary>Chooses the next token of each answer from its row of logits.</summary>
internal static class TokenSampler
{
    // With 2¹⁸ ids at most 2⁻²², which fp64 adds to logits of up to 2¹² without loss.
    private const double TieBreak = 1.0 / (1L << 40);

    /// <summary>The ids of the next tokens of A answers, [A] int64, on the device of the logits. Nothing is read from the device.</summary>
    /// <param name="logits">The logits, [B, V], of any floating type and device.</param>
    /// <param name="settings">Temperature, top-k, top-p.</param>
    /// <param name="uniforms">
    /// A uniform number in [0, 1) for each answer, [A] fp64 on the same device; null for greedy decoding. They come from the host, so
    /// that equal logits give the same tokens on every device.
    /// </param>
    /// <param name="rows">The row of each answer's logits, [A] int64 on the same device; null where each answer has the row of its place.</param>
    public static Tensor Choose(Tensor logits, GenerationSettings settings, Tensor? uniforms, Tensor? rows = null)
    {
        using var scope = NewDisposeScope();
        if (settings.Temperature == 0)
        {
            return OfAnswers(logits.argmax(-1)).MoveToOuterDisposeScope();
        }

        var vocabulary = logits.shape[^1];
        var scaled = logits.to_type(ScalarType.Float64) / Scalars.Of(settings.Temperature);
        var restricted = settings.TopK > 0 && settings.TopK < vocabulary;
        if (!restricted && settings.TopP == 1)
        {
            return Draw(scaled.softmax(-1)).MoveToOuterDisposeScope();
        }

        // Sorted, so that top-k and top-p both keep a prefix. Of equal logits, which are many in bf16, the lower id comes first by a
        // difference below theirs: devices would order them as they like.
        var keys = scaled.add(Scalars.UpTo(vocabulary, logits.device), Scalars.Of(-TieBreak));
        var ids = keys.topk((int)(restricted ? settings.TopK : vocabulary)).indexes;
        var probabilities = scaled.gather(-1, ids).softmax(-1);
        if (settings.TopP < 1)
        {
            var before = probabilities.cumsum(-1) - probabilities;
            probabilities = probabilities.masked_fill(before >= Scalars.Of(settings.TopP), Scalars.Zero);
        }

        return OfAnswers(ids).gather(-1, Draw(probabilities).unsqueeze(-1)).squeeze(-1).MoveToOuterDisposeScope();

        Tensor OfAnswers(Tensor x) => rows is null ? x : x.index_select(0, rows);

        // Inverse transform sampling; the probabilities of a row need not sum to 1.
        Tensor Draw(Tensor probabilities)
        {
            var cumulative = OfAnswers(probabilities.cumsum(-1));
            var total = cumulative.narrow(-1, cumulative.shape[^1] - 1, 1);
            var threshold = uniforms!.unsqueeze(-1) * total;
            // The first token whose cumulative probability exceeds the threshold, so that tokens of probability 0 are never chosen.
            return (cumulative <= threshold).sum(-1).clamp_max_(Scalars.Of(probabilities.shape[^1] - 1));
        }
    }
}
