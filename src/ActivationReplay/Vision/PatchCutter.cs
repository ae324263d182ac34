using ActivationReplay.Checkpoints;

namespace ActivationReplay.Vision;

/// <summary>
/// Normalises and reorders pixels in one pass. A byte of a colour has 256 values, so their normalised numbers are
/// looked up.
/// </summary>
internal sealed class PatchCutter
{
    private const int ByteValues = 256;

    private readonly ImageProcessorConfig _config;
    private readonly float[] _normalised; // [C, 256]

    public PatchCutter(ImageProcessorConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        _config = config;
        _normalised = new float[RgbImage.Channels * ByteValues];

        // (value · factor - mean) / std as transformers' fast processor rounds it: the factor goes into mean and std.
        var scale = (float)(1 / config.RescaleFactor);
        for (var i = 0; i < _normalised.Length; i++)
        {
            var (colour, value) = Math.DivRem(i, ByteValues);
            _normalised[i] = (value - (config.Mean[colour] * scale)) / (config.Std[colour] * scale);
        }
    }

    /// <summary>Numbers in a patch: colours × depth × side × side.</summary>
    public int Length => RgbImage.Channels * _config.TemporalPatchSize * _config.PatchSize * _config.PatchSize;

    /// <summary>
    /// Writes one temporal step: patches in the order <c>[H/merge, W/merge, merge, merge]</c>, each
    /// <c>[C, depth, patch, patch]</c>.
    /// </summary>
    /// <param name="frames">One to depth frames of one size; the last is repeated.</param>
    /// <param name="output"><c>[H·W, C·depth·patch·patch]</c>.</param>
    public void Cut(ReadOnlySpan<RgbImage> frames, Span<float> output)
    {
        var (patch, token) = (_config.PatchSize, _config.Factor);
        for (var y = 0; y < frames[0].Height; y += token)
        {
            for (var x = 0; x < frames[0].Width; x += token)
            {
                for (var inside = 0; inside < _config.MergeSize * _config.MergeSize; inside++)
                {
                    var (down, across) = Math.DivRem(inside, _config.MergeSize);
                    CutPatch(frames, y + (down * patch), x + (across * patch), output[..Length]);
                    output = output[Length..];
                }
            }
        }
    }

    private void CutPatch(ReadOnlySpan<RgbImage> frames, int y, int x, Span<float> output)
    {
        var area = _config.PatchSize * _config.PatchSize;
        for (var colour = 0; colour < RgbImage.Channels; colour++)
        {
            for (var f = 0; f < _config.TemporalPatchSize; f++, output = output[area..])
            {
                CutSquare(frames[Math.Min(f, frames.Length - 1)], y, x, colour, output[..area]);
            }
        }
    }

    private void CutSquare(RgbImage frame, int top, int left, int colour, Span<float> output)
    {
        var normalised = _normalised.AsSpan(colour * ByteValues, ByteValues);
        var side = _config.PatchSize;
        for (var y = 0; y < side; y++)
        {
            var row = frame.Row(top + y).Slice(left * RgbImage.Channels, side * RgbImage.Channels);
            var line = output.Slice(y * side, side);
            for (var x = 0; x < line.Length; x++)
            {
                line[x] = normalised[row[(x * RgbImage.Channels) + colour]];
            }
        }
    }
}
