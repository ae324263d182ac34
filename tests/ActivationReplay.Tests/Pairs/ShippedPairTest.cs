using ActivationReplay.Generation;
using ActivationReplay.Replay;
using NUnit.Framework;

namespace ActivationReplay.Tests.Pairs;

/// <summary>What a test of the engine's face needs: the pair that ships, opened once for the class, and a question.</summary>
public abstract class ShippedPairTest
{
    /// <summary>Where the pair is.</summary>
    protected static string PairFolder { get; } = Path.Combine(Goldens.Repository, "ablations", "pairs", "counting");

    /// <summary>An answer of few tokens.</summary>
    protected static GenerationSettings FewTokens { get; } = new() { MaxNewTokens = 24 };

    /// <summary>The pair.</summary>
    protected ReplayPair Pair { get; private set; } = null!;

    /// <summary>A question about a picture.</summary>
    protected Question Asked { get; private set; } = null!;

    /// <summary>Three steps over the lower half: entropies of the small pair lie close together, and none is below 0.4 of the largest.</summary>
    protected ReplaySettings Quick { get; private set; } = null!;

    [OneTimeSetUp]
    public void Open()
    {
        Pair = ReplayPair.Open(PairFolder);
        Asked = Question.Of("How many red triangles are there?", Picture("0000"));
        Quick = Pair.Settings with { Iterations = 3, Threshold = new EntropyThreshold(ThresholdRule.Quantile, 0.5) };
    }

    [OneTimeTearDown]
    public void Close() => Pair.Dispose();

    /// <summary>A picture of the small data set.</summary>
    protected static string Picture(string name) =>
        Path.Combine(Goldens.Repository, "ablations", "datasets", "counting", "images", name + ".png");

    /// <summary>Three steps for the methods that take them; null for the others.</summary>
    protected ReplaySettings? SettingsOf(string method) => Pair.Defaults(method) is ReplaySettings ? Quick : null;
}
