using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;
using ActivationReplay.Tests.Models;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Replay.Methods;

/// <summary>Several variants of replay in one loop: what each ends with, and what is computed for all.</summary>
public sealed class KlVariantsTests : TinyPairTests
{
    private static readonly ReplaySettings Settings = (ReplaySettings)FittingOf("replay", rate: 0.05, iterations: 4);

    [Test]
    public void PrepareAll_OfVariantsThatEndEarly_ComputesTheOthersAlone_AndEachAsByItself()
    {
        using var inputs = Tiny.Prompt();
        using var context = new ReplayContext(inputs, Base, Rlvr);
        var method = ReplayMethods.Get("replay");
        int[] iterations = [2, 8, 1, 2, 3];
        MethodSettings[] variants = [.. iterations.Select((i, v) => Settings with { Iterations = i, LearningRate = Settings.LearningRate * (1 + (v / 100.0)) })];
        PreparedTogether.Free(method.PrepareAll(context, variants)); // recordings are kept

        var joint = Counted(() => method.PrepareAll(context, variants), out var together);
        var single = Counted(() => PreparedTogether.Each(variants, v => method.Prepare(context, v)), out var alone);

        // Alone they are 16 evaluations. Together all five run twice, two a third time and one to the end: 17, and two new starts of a few
        // positions each; five for eight steps would be 40.
        together.Should().BeLessThan(alone * 5 / 4);
        foreach (var (own, other) in joint.Zip(single))
        {
            own.Trace!.Losses.Should().HaveSameCount(other.Trace!.Losses);
            own.Trace.Losses.Zip(other.Trace.Losses).Should().OnlyContain(l => Math.Abs(l.First - l.Second) <= 1e-5 * l.Second, "sums of another order");
        }

        PreparedTogether.Free(joint);
        PreparedTogether.Free(single);
    }

    [Test]
    public void PrepareAll_OfVariantsThatDifferInTheirEndAlone_IsOneLoop_WithTheBitsOfEach()
    {
        using var inputs = Tiny.Prompt();
        using var context = new ReplayContext(inputs, Base, Rlvr);
        var method = ReplayMethods.Get("replay");
        var longest = Settings with { Iterations = 8, Layers = [0, 2] };
        using var whole = method.Prepare(context, longest);
        var share = whole.Trace!.Losses[3] / whole.Trace.Losses[0] * (1 + 1e-9); // a quotient times its divisor may be less
        MethodSettings[] variants =
        [
            Settings with { Iterations = 3, Layers = [0, 2] }, longest, longest with { StopAt = share }, longest with { StopAt = share, Iterations = 2 }, longest with { Iterations = 0 },
        ];

        var joint = Counted(() => method.PrepareAll(context, variants), out var together);
        var single = Counted(() => PreparedTogether.Each(variants, v => method.Prepare(context, v)), out _);
        Counted(() => [method.Prepare(context, longest)], out var once)[0].Dispose();

        together.Should().Be(once);
        joint.Select(p => p.Trace!.Losses.Count).Should().Equal(3, 8, 4, 2, 0);
        foreach (var (own, other) in joint.Zip(single))
        {
            own.Trace!.Losses.Should().Equal(other.Trace!.Losses);
            own.LearnableTokens!.data<float>().ToArray().Should().Equal(other.LearnableTokens!.data<float>().ToArray());
        }

        PreparedTogether.Free(joint);
        PreparedTogether.Free(single);
    }

    [Test]
    public void PrepareAll_OfVariantsThatSelectDifferently_EqualsEachAlone()
    {
        using var inputs = Tiny.Prompt(pictures: 2);
        using var context = new ReplayContext(inputs, Base, Rlvr);
        var method = ReplayMethods.Get("replay");
        ReplaySettings[] variants =
        [
            Settings,
            Settings with { Selection = EntropySelection.High, Direction = KlDirection.Reverse },
            Settings with { Selection = EntropySelection.All, TopK = 0, Layers = [1] },
            Settings with { Threshold = new(ThresholdRule.Quantile, 0.1), TopK = 7, Layers = [0, 2] },
        ];

        var together = method.PrepareAll(context, variants);

        foreach (var (settings, prepared) in variants.Zip(together))
        {
            using var alone = method.Prepare(context, settings);
            prepared.Trace!.Losses.Zip(alone.Trace!.Losses).Should().OnlyContain(
                p => Math.Abs(p.First - p.Second) <= 1e-5 * Math.Abs(p.Second), "fp32 products of another batch");
            prepared.Dispose();
        }
    }

    private IReadOnlyList<Preparation> Counted(Func<IReadOnlyList<Preparation>> prepare, out long positions)
    {
        var before = Rlvr.LayerPositions;
        var prepared = prepare();
        positions = Rlvr.LayerPositions - before;
        return prepared;
    }
}
