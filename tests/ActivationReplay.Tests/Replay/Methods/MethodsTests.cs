using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;
using ActivationReplay.Tests.Models;
using FluentAssertions;
using NUnit.Framework;
using TorchSharp;
using static TorchSharp.torch;

namespace ActivationReplay.Tests.Replay.Methods;

/// <summary>Laws of the methods beside the published one.</summary>
public sealed class MethodsTests : TinyPairTests
{
    private ModelInputs inputs = null!;
    private ReplayContext context = null!;

    [SetUp]
    public void Load()
    {
        inputs = Tiny.Prompt();
        context = new ReplayContext(inputs, Base, Rlvr);
    }

    [TearDown]
    public void Unload()
    {
        context.Dispose();
        inputs.Dispose();
    }

    [Test]
    public void Record_OfAllNeeds_MakesOneRecordingAModelThatServesEveryMethod()
    {
        string[] methods = ["replay", "mid-layer", "cross-model", "reverse", "local-smooth"];
        context.Record(methods.SelectMany(m => ReplayMethods.Get(m).Needs(FittingOf(m))));
        var made = context.Times.Total;

        foreach (var method in methods)
        {
            ReplayMethods.Get(method).Prepare(context, FittingOf(method)).Dispose();
        }

        context.Times.Total.Should().Be(made, "no recording was made after the first");
        Base.VisionPasses.Should().Be(1);
        Rlvr.VisionPasses.Should().Be(1);
    }

    [Test]
    public void MidLayer_RunsNoLayerInItsLoop()
    {
        using var warm = ReplayMethods.Get("mid-layer").Prepare(context, FittingOf("mid-layer", iterations: 0));
        var before = Rlvr.LayerPositions;

        using var prepared = ReplayMethods.Get("mid-layer").Prepare(context, FittingOf("mid-layer"));

        // The states entering layer 2 alone, of the positions up to the last selected one.
        (Rlvr.LayerPositions - before).Should().Be(2 * (prepared.Selected!.Single()[^1] + 1));
        prepared.Intervention.Edits.Single().Layer.Should().Be(2);
        prepared.Trace!.Losses.Should().BeInDescendingOrder();
    }

    [Test]
    public void Reverse_OptimisesBaseAndLetsItAnswer()
    {
        using var prepared = ReplayMethods.Get("reverse").Prepare(context, FittingOf("reverse"));
        using var swapped = new ReplayContext(inputs, Rlvr, Base);
        using var expected = ReplayMethods.Get("replay").Prepare(swapped, FittingOf("replay"));

        prepared.Answerer.Should().Be(ModelRole.Base);
        prepared.Trace!.Losses.Should().Equal(expected.Trace!.Losses);
    }

    [Test]
    public void CrossModel_TakesBaseStatesWhereTheyAreSurerThanBothBounds()
    {
        using var prepared = ReplayMethods.Get("cross-model").Prepare(context, FittingOf("cross-model"));

        var (b, r) = (context.Recorded(ModelRole.Base, 2, true), context.Recorded(ModelRole.Rlvr, 2, true));
        foreach (var (layer, positions) in prepared.Selected!.Index())
        {
            var (own, other) = (b.EntropiesAt(layer, b.Positions), r.EntropiesAt(layer, r.Positions));
            positions.Should().Equal(Enumerable.Range(0, inputs.Length).Where(p => own[p] < 10 && own[p] < other[p]));
        }

        prepared.Selected!.Sum(s => s.Count).Should().BePositive();
    }

    [Test]
    public void CrossModel_WithThresholdsOfZero_ChangesNothing()
    {
        using var prepared = ReplayMethods.Get("cross-model").Prepare(context, new CrossModelSettings { CrossThresholds = [0, 0, 0] });

        prepared.Selected.Should().AllSatisfy(layer => layer.Should().BeEmpty());
    }

    [Test]
    public void CrossModel_OfAllStatesInTheLastLayer_MakesThemBases()
    {
        using var scope = NewDisposeScope();
        var edit = new StateEdit(2, EditKind.Replace, [.. Enumerable.Range(0, inputs.Length)], context.Recorded(ModelRole.Base, 3, true).States![2]);

        var states = ForwardPass.HiddenStates(Rlvr, context.Encoded(ModelRole.Rlvr).Embedded, inputs, new Intervention([edit]), 3);

        (states[2] - edit.Values).abs().max().item<float>().Should().Be(0);
    }

    [Test]
    public void LocalSmooth_OnAGridOfTwoRows_HasNoLoss()
    {
        using var prepared = ReplayMethods.Get("local-smooth").Prepare(context, FittingOf("local-smooth"));

        prepared.Trace!.Losses.Should().OnlyContain(loss => loss == 0);
    }

    [Test]
    public void GlobalSmooth_WithoutItsPicturesSource_SaysWhatIsMissing() =>
        FluentActions.Invoking(() => ReplayMethods.Get("global-smooth").Prepare(context, FittingOf("global-smooth")))
            .Should().Throw<InvalidOperationException>().WithMessage("*the prompt's source*");

    [TestCase("replay")]
    [TestCase("mid-layer")]
    [TestCase("reverse")]
    public void PrepareAll_OfSeveralVariants_EqualsEachAlone(string method)
    {
        var settings = (SelectionSettings)FittingOf(method);
        SelectionSettings[] variants =
        [
            settings,
            settings with { Selection = EntropySelection.High, LearningRate = 0.02 },
            Elsewhere(settings with { TopK = 0, Iterations = 2 }),
            settings with { Optimiser = OptimiserKind.Adam, LearningRate = 0.001, GridRatio = 0.5, Direction = KlDirection.Reverse },
        ];
        var together = ReplayMethods.Get(method).PrepareAll(context, variants);

        foreach (var (variant, batched) in variants.Zip(together))
        {
            using var alone = ReplayMethods.Get(method).Prepare(context, variant);
            batched.Trace!.Losses.Should().HaveCount(variant.Iterations);
            // A batch of matrix products rounds differently from one.
            foreach (var (a, b) in batched.Trace.Losses.Zip(alone.Trace!.Losses))
            {
                a.Should().BeApproximately(b, 1e-4 * Math.Abs(b) + 1e-7);
            }

            (batched.LearnableTokens! - alone.LearnableTokens!).abs().max().item<float>().Should().BeLessThan(1e-4f);
            batched.Dispose();
        }
    }

    // Of other lengths, with text first and without, one of text alone.
    [TestCase("replay")]
    [TestCase("mid-layer")]
    [TestCase("reverse")]
    [TestCase("local-smooth")]
    [TestCase("cross-model")]
    public void PrepareAll_OfSeveralPrompts_EqualsEachAlone(string name)
    {
        var method = ReplayMethods.Get(name);
        MethodSettings[] variants = FittingOf(name) is SelectionSettings selection
            ? [selection, selection with { Selection = EntropySelection.High, StopAt = 0.99, Iterations = 5 }, selection with { Iterations = 1 }, Elsewhere(selection with { Optimiser = OptimiserKind.Momentum, GridRatio = 0.5 })]
            : [FittingOf(name), FittingOf(name, rate: 0.02)];
        ModelInputs[] prompts = [Tiny.Prompt(seed: 1), Tiny.Prompt(pictures: 0), Tiny.Prompt(pictures: 2, before: 0, seed: 2, rows: 3)];
        ReplayContext[] contexts = [.. prompts.Select(p => new ReplayContext(p, Base, Rlvr))];

        var together = method.PrepareAll(contexts, variants);

        foreach (var (i, own) in contexts.Index())
        {
            var alone = method.PrepareAll(own, variants);
            together[i].Should().HaveCount(variants.Length);
            foreach (var (batched, expected) in together[i].Zip(alone))
            {
                (batched.Trace?.Losses.Count).Should().Be(expected.Trace?.Losses.Count);
                // Products of another size sum in another order.
                foreach (var (a, b) in (batched.Trace?.Losses ?? []).Zip(expected.Trace?.Losses ?? []))
                {
                    a.Should().BeApproximately(b, (1e-4 * Math.Abs(b)) + 1e-7);
                }

                batched.Intervention.Edits.Select(e => (e.Layer, e.Kind)).Should().Equal(expected.Intervention.Edits.Select(e => (e.Layer, e.Kind)));
                foreach (var (a, b) in batched.Intervention.Edits.Zip(expected.Intervention.Edits))
                {
                    a.Positions.Should().Equal(b.Positions);
                    (a.Values - b.Values).abs().sum().item<float>().Should().BeLessThan(1e-4f * (1 + b.Values.abs().sum().item<float>()));
                }

                batched.Dispose();
                expected.Dispose();
            }

            own.Dispose();
        }

        Array.ForEach(prompts, p => p.Dispose());
    }

    [Test]
    public void PrepareAll_OfSeveralPrompts_TellsEachItsGradients_AndIsGivenUpWithAnyOfThem()
    {
        var method = ReplayMethods.Get("replay");
        using var other = Tiny.Prompt(before: 2, seed: 3, rows: 3);
        using var cancel = new CancellationTokenSource();
        using var second = new ReplayContext(other, Base, Rlvr) { Cancel = cancel.Token };
        var told = new Dictionary<ReplayContext, List<float>>();
        foreach (var own in new[] { context, second })
        {
            own.OnGradient = (_, g) => (told.TryGetValue(own, out var norms) ? norms : told[own] = []).Add(g.norm().item<float>());
        }

        Prepare(context, second);
        var together = told.ToDictionary(t => t.Key, t => t.Value);
        told.Clear();
        Prepare(context);
        Prepare(second);

        told[context].Should().HaveCount(3);
        told.Should().OnlyContain(t => t.Value.Zip(together[t.Key]).All(n => Math.Abs(n.First - n.Second) <= 1e-4 * n.First));

        // From the first step on the second prompt is of no interest any more.
        second.OnGradient = (_, _) => cancel.Cancel();
        FluentActions.Invoking(() => Prepare(context, second)).Should().Throw<OperationCanceledException>().Which.CancellationToken.Should().Be(cancel.Token);

        void Prepare(params ReplayContext[] contexts)
        {
            foreach (var one in method.PrepareAll(contexts, [FittingOf("replay")]))
            {
                one[0].Dispose();
            }
        }
    }

    [TestCase("replay")]
    [TestCase("mid-layer")]
    [TestCase("reverse")]
    [TestCase("cross-model")]
    [TestCase("local-smooth")]
    public void Prepare_LeavesNoTensorsBehind(string method)
    {
        ReplayMethods.Get(method).Prepare(context, FittingOf(method)).Dispose();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        ReplayMethods.Get(method).Prepare(context, FittingOf(method)).Dispose();

        DisposeScopeManager.Statistics.ThreadTotalLiveCount.Should().Be(before);
    }

    [Test]
    public void Prepare_WithAnotherMethodsSettings_IsRefused() =>
        FluentActions.Invoking(() => ReplayMethods.Get("replay").Prepare(context, new MidLayerSettings()))
            .Should().Throw<ArgumentException>().WithMessage("'replay' takes ReplaySettings, not MidLayerSettings*");

    [Test]
    public void Get_OfAnUnknownMethod_ListsThoseThereAre() =>
        FluentActions.Invoking(() => ReplayMethods.Get("magic"))
            .Should().Throw<ArgumentException>().WithMessage("*magic*none, base, replay, mid-layer, reverse, cross-model, local-smooth, global-smooth*");

    private static SelectionSettings Elsewhere(SelectionSettings settings) => settings switch
    {
        ReplaySettings s => s with { Layers = [0, 3] },
        MidLayerSettings s => s with { Layer = 1 },
        _ => throw new ArgumentOutOfRangeException(nameof(settings)),
    };
}
