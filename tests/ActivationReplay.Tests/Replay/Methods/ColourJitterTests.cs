using ActivationReplay.Checkpoints;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Replay.Methods;

public sealed class ColourJitterTests
{
    // No normalisation: patches are pixels in [0, 1].
    private static readonly ImageProcessorConfig Pixels = new() { Mean = [0, 0, 0], Std = [1, 1, 1] };
    private static readonly PatchGrid[] Grid = [new(1, 2, 4)];

    [Test]
    public void View_DependsOnSeedAndNumberAlone()
    {
        using var scope = NewDisposeScope();
        var patches = rand([8, 1176], generator: new Generator(1));
        Tensor View(ulong seed, int number) => new ColourJitter(Pixels, seed).View(patches, Grid, number);

        Distance(View(1, 2), View(1, 2)).Should().Be(0);
        Distance(View(1, 2), View(1, 3)).Should().BeGreaterThan(0.001);
        Distance(View(1, 2), View(2, 2)).Should().BeGreaterThan(0.001);
    }

    [Test]
    public void View_StaysInRangeAndNearThePicture()
    {
        using var scope = NewDisposeScope();
        var patches = rand([8, 1176], generator: new Generator(1));

        var view = new ColourJitter(Pixels, 5).View(patches, Grid, 0);

        view.min().item<float>().Should().BeGreaterThanOrEqualTo(-1e-5f);
        view.max().item<float>().Should().BeLessThanOrEqualTo(1 + 1e-5f);
        // 15% of brightness, contrast and saturation, and a hue turned by 11° at most.
        (view - patches).abs().mean().item<float>().Should().BeLessThan(0.25f);
    }

    [Test]
    public void View_OfGrey_StaysGrey()
    {
        using var scope = NewDisposeScope();
        var grey = rand([8, 1, 392], generator: new Generator(1)).expand(-1, 3, -1).reshape(8, 1176);

        var view = new ColourJitter(Pixels, 5).View(grey, Grid, 0).view(8, 3, 392);

        (view.select(1, 0) - view.select(1, 2)).abs().max().item<float>().Should().BeLessThan(1e-3f);
    }

    private static double Distance(Tensor a, Tensor b) => (a - b).abs().max().item<float>();
}
