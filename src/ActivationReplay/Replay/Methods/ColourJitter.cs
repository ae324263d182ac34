using ActivationReplay.Checkpoints;
using ActivationReplay.Generation;
using ActivationReplay.Native;
using ActivationReplay.Vision;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Methods;

/// <summary>
/// Brightness, contrast, saturation (±0.15) and hue (±0.03), in this order, by uniform factors, as torchvision's
/// adjustments do each on pixels in [0, 1]. They work on a pixel or on a picture's mean, so on patches as on pictures.
/// </summary>
internal sealed class ColourJitter(ImageProcessorConfig config, ulong seed)
{
    private const double Strength = 0.15;
    private const double HueStrength = 0.03;

    /// <summary>A view of normalised patches [P, C·t·p·p]; the number decides its factors.</summary>
    public Tensor View(Tensor patches, IReadOnlyList<PatchGrid> grids, int number)
    {
        using var scope = NewDisposeScope();
        var mean = tensor(config.Mean.ToArray()).view(1, 3, 1);
        var deviation = tensor(config.Std.ToArray()).view(1, 3, 1);
        var pixels = patches.view(patches.shape[0], 3, -1).mul(deviation).Plus(mean);
        var views = new List<Tensor>();
        var start = 0L;
        foreach (var grid in grids)
        {
            views.Add(Adjust(pixels.narrow(0, start, grid.Count), number));
            start += grid.Count;
        }

        return ((cat(views, 0) - mean) / deviation).view(patches.shape).MoveToOuterDisposeScope();
    }

    private Tensor Adjust(Tensor x, int number)
    {
        x = Clamped(x.mul(Scalars.Of(Factor(number, 0, 1, Strength))));
        x = Blend(x, Grey(x).mean(), Factor(number, 1, 1, Strength));
        x = Blend(x, Grey(x), Factor(number, 2, 1, Strength));
        return RotateHue(x, Factor(number, 3, 0, HueStrength));
    }

    private static Tensor Clamped(Tensor x) => x.clamp(Scalars.Zero, Scalars.One);

    private double Factor(int number, ulong which, double centre, double strength) =>
        centre + strength * (2 * CounterRandom.Uniform(seed, (ulong)number, which) - 1);

    private static Tensor Blend(Tensor x, Tensor other, double share) =>
        Clamped(x.mul(Scalars.Of(share)).Plus(other.mul(Scalars.Of(1 - share))));

    // ITU-R 601 luma, [P, 1, n].
    private static Tensor Grey(Tensor x) =>
        x.narrow(1, 0, 1).mul(Scalars.Of(0.2989)).Plus(x.narrow(1, 1, 1).mul(Scalars.Of(0.587))).Plus(x.narrow(1, 2, 1).mul(Scalars.Of(0.114)));

    // By way of hue, saturation, value: each colour is value − value · saturation · a tent over hue.
    private static Tensor RotateHue(Tensor x, double rotation)
    {
        var value = x.amax([1], keepdim: true);
        var range = value - x.amin([1], keepdim: true);
        var safe = where(range == Scalars.Zero, ones_like(range), range);
        var (r, g, b) = (x.narrow(1, 0, 1), x.narrow(1, 1, 1), x.narrow(1, 2, 1));
        var sixth = where(value == r, (g - b) / safe, where(value == g, ((b - r) / safe).Plus(2), ((r - g) / safe).Plus(4)));
        var hue = (sixth / Scalars.Of(6)).Plus(rotation) * Scalars.Of(6);
        Tensor[] channels = [.. new[] { 5.0, 3.0, 1.0 }.Select(offset =>
        {
            var k = hue.Plus(offset).remainder(Scalars.Of(6));
            return value - range * Clamped(minimum(k, k.neg().Plus(4)));
        })];
        return cat(channels, 1);
    }
}
