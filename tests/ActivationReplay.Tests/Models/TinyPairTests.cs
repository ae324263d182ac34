using ActivationReplay.Models;
using ActivationReplay.Replay;
using NUnit.Framework;

namespace ActivationReplay.Tests.Models;

/// <summary>Tests on a tiny model and its neighbour, both made anew for each test.</summary>
public abstract class TinyPairTests
{
    /// <summary>Settings that fit them: three of four layers, half of the positions, ten of 96 words.</summary>
    protected static ReplaySettings Fitting { get; } = new()
    {
        Layers = [0, 1, 2],
        Threshold = new(ThresholdRule.Quantile, 0.5),
        TopK = 10,
    };

    protected QwenVlModel Base { get; private set; } = null!;

    protected QwenVlModel Rlvr { get; private set; } = null!;

    [SetUp]
    public void LoadPair()
    {
        Base = Tiny.Model(1);
        Rlvr = Tiny.Neighbour(1);
    }

    [TearDown]
    public void UnloadPair()
    {
        Base.Dispose();
        Rlvr.Dispose();
    }
}
