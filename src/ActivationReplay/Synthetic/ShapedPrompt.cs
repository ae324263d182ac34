using ActivationReplay.Checkpoints;
using ActivationReplay.Inputs;
using ActivationReplay.Vision;
using static TorchSharp.torch;

namespace ActivationReplay.Synthetic;

/// <summary>Prompts of a given shape: text, one picture, text. Ids and pixels are random but the same each time.</summary>
public static class ShapedPrompt
{
    /// <summary>Tokens before the picture, as the template with its default system prompt has them.</summary>
    public const int Before = 15;

    /// <summary>Tokens after it: a question and the start of the assistant's turn.</summary>
    public const int After = 29;

    /// <summary>A prompt with one picture of <paramref name="visualTokens"/> tokens, as square as their number allows.</summary>
    /// <param name="config">Whose ids and patch sizes.</param>
    /// <param name="visualTokens">How many.</param>
    /// <param name="seed">Chooses the ids and pixels.</param>
    /// <returns>Plain data, to be disposed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There are none.</exception>
    public static ModelInputs Of(ModelConfig config, int visualTokens, int seed = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(visualTokens);
        using var scope = NewDisposeScope();
        var rows = Enumerable.Range(1, (int)Math.Sqrt(visualTokens)).Last(r => visualTokens % r == 0);
        var columns = visualTokens / rows;
        var vision = config.Vision;
        var merge = vision.SpatialMergeSize;
        var grid = new PatchGrid(1, rows * merge, columns * merge);
        var random = new Random(seed);
        var text = Math.Min(Math.Min(config.ImageTokenId, config.VideoTokenId), config.VisionStartTokenId);
        int[] ids =
        [
            .. Enumerable.Range(0, Before).Select(_ => random.Next(text)),
            .. Enumerable.Repeat(config.ImageTokenId, visualTokens),
            .. Enumerable.Range(0, After).Select(_ => random.Next(text)),
        ];
        VisualSpan[] spans = [new VisualSpan(Before, 1, rows, columns, IsVideo: false)];
        using var numbers = new Generator((ulong)seed);
        var pixels = randn(
            [grid.Count, vision.InChannels * vision.TemporalPatchSize * vision.PatchSize * vision.PatchSize],
            ScalarType.Float32,
            generator: numbers);
        return new ModelInputs(ids, pixels, [grid], spans, RotaryPositions.Compute(ids.Length, spans, [1.0]));
    }
}
