using ActivationReplay.Models;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
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

    /// <summary>The same for any method: one layer is the third, two layers are replaced at any entropy that occurs.</summary>
    protected static MethodSettings FittingOf(string method, double rate = 0.01, int iterations = 3) => ReplayMethods.Get(method).Defaults(4) switch
    {
        ReplaySettings => Fitting with { LearningRate = rate, Iterations = iterations },
        MidLayerSettings s => s with { Layer = 2, Threshold = Fitting.Threshold, TopK = Fitting.TopK, LearningRate = rate, Iterations = iterations },
        LocalSmoothSettings s => s with { Layer = 2, LearningRate = rate, Iterations = iterations },
        GlobalSmoothSettings s => s with { Layers = Fitting.Layers, TopK = Fitting.TopK, LearningRate = rate, Iterations = iterations },
        CrossModelSettings s => s with { CrossThresholds = [10, 10] },
        var s => s,
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
