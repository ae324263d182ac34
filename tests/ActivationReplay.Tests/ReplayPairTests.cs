using ActivationReplay.Checkpoints;
using ActivationReplay.Generation;
using ActivationReplay.Lens;
using ActivationReplay.Models;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Objective;
using ActivationReplay.Replay.Recordings;
using ActivationReplay.Text;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests;

/// <summary>Laws of the engine's face, on the pair that ships.</summary>
public sealed class ReplayPairTests
{
    private static readonly string s_folder = Path.Combine(Goldens.Repository, "ablations", "pairs", "counting");
    private static readonly GenerationSettings s_short = new() { MaxNewTokens = 24 };

    private ReplayPair pair = null!;
    private Question question = null!;
    private ReplaySettings quick = null!;

    [OneTimeSetUp]
    public void Open()
    {
        pair = ReplayPair.Open(s_folder);
        question = Question.Of("How many red triangles are there?", Picture("0000"));
        // Entropies of the small pair lie close together: none is below 0.4 of the largest.
        quick = pair.Settings with { Iterations = 3, Threshold = new EntropyThreshold(ThresholdRule.Quantile, 0.5) };
    }

    [OneTimeTearDown]
    public void Close() => pair.Dispose();

    [TestCase("base", ModelRole.Base)]
    [TestCase("none", ModelRole.Rlvr)]
    [TestCase("replay", ModelRole.Rlvr)]
    [TestCase("reverse", ModelRole.Base)]
    public void Answer_IsTheOneOfTheModelThatTheMethodNames(string method, ModelRole answerer)
    {
        var settings = SettingsOf(method);
        var answer = pair.Answer(question, method, settings, s_short);

        using var inputs = pair.Processor.Prepare(question.Messages);
        using var context = pair.Context(inputs);
        using var prepared = ReplayMethods.Get(method).Prepare(context, settings ?? pair.Defaults(method));
        var expected = pair.Generator(answerer).Generate(
            new GenerationRequest(context.Encoded(answerer), prepared.Intervention, s_short))[0];
        answer.Answerer.Should().Be(answerer);
        answer.Answers.Single().Ids.Should().Equal(expected.Ids);
        answer.Text.Should().Be(pair.Processor.Tokenizer.Decode(expected.Ids));
        answer.Losses.Should().Equal(prepared.Trace?.Losses ?? []);
        answer.VisualTokens.Should().Be(36);
        answer.Times.Total.Should().BePositive();
    }

    [Test]
    public void Answers_OfSeveralMethods_EqualEachAlone()
    {
        string[] methods = ["cross-model", "base", "replay", "none", "reverse"];

        var together = pair.Answers(question, [.. methods.Select(m => new AskedMethod(m, SettingsOf(m)))], s_short);

        together.Select(a => a.Method).Should().Equal(methods);
        foreach (var answer in together)
        {
            answer.Text.Should().Be(pair.Answer(question, answer.Method, SettingsOf(answer.Method), s_short).Text);
        }
    }

    [Test]
    public void Compare_IsBaseRlvrAndReplay()
    {
        var compared = pair.Compare(question, quick, s_short);

        (compared.Base.Method, compared.Rlvr.Method, compared.Replay.Method).Should().Be(("base", "none", "replay"));
        (compared.Base.Loop, compared.Rlvr.Loop).Should().Be((null, null));
        compared.Replay.Losses.Should().HaveCount(3).And.BeInDescendingOrder().And.OnlyContain(loss => loss > 0);
        compared.Base.Answerer.Should().Be(ModelRole.Base);
    }

    [Test]
    public void OnToken_GivesEveryTokenAndTextOfEverySequence()
    {
        var tokens = new List<AnswerToken>();

        var answer = pair.Answer(
            question, settings: quick, generation: new() { Samples = 3, Temperature = 1, MaxNewTokens = 24 }, onToken: tokens.Add);

        foreach (var (sequence, one) in answer.Answers.Index())
        {
            var own = tokens.Where(t => t.Sequence == sequence).ToList();
            own.Select(t => t.Id).Should().Equal(one.Ids);
            string.Concat(own.Select(t => t.Text)).Should().Be(one.Text);
            own.FindIndex(t => t.IsLast).Should().Be(own.Count - 1);
        }

        tokens.Should().OnlyContain(t => t.Method == "replay");
    }

    [Test]
    public void OnToken_ThatThrows_EndsTheAnswerAndLeavesNothing()
    {
        var held = LiveTensors.Settled();

        FluentActions.Invoking(() => pair.Answer(question, settings: quick, onToken: _ => throw new TimeoutException()))
            .Should().Throw<TimeoutException>();

        LiveTensors.Settled().Should().Be(held);
        pair.Answer(question, "base", generation: s_short).Text.Should().NotBeEmpty();
    }

    [Test]
    public void Settings_FitThePair_AndAnswerTakesThem()
    {
        pair.Settings.Layers.Should().Equal(0, 1, 2, 3, 4);

        var answer = pair.Answer(question, generation: s_short);

        answer.Settings.Should().BeEquivalentTo(pair.Settings);
        answer.Losses.Should().HaveCount(25);
    }

    [TestCase(1, 1, 1)]
    [TestCase(8, 5, 2)]
    [TestCase(28, 16, 7)]
    [TestCase(36, 21, 9)]
    [TestCase(80, 46, 14)]
    public void SettingsFor_AnyDepth_AreThePublishedShare(int depth, int layers, int crossLayers)
    {
        var settings = ReplaySettings.For(depth);

        settings.Layers.Should().Equal(Enumerable.Range(0, layers));
        MidLayerSettings.For(depth).Layer.Should().Be(layers - 1);
        LocalSmoothSettings.For(depth).Layer.Should().Be(layers - 1);
        GlobalSmoothSettings.For(depth).Layers.Should().Equal(settings.Layers);
        CrossModelSettings.For(depth).CrossThresholds.Should().Equal(CrossModelSettings.PublishedThresholds.Take(crossLayers));
    }

    [Test]
    public void Answer_WithAnotherMethodsSettings_IsRefused() =>
        FluentActions.Invoking(() => pair.Answer(question, "mid-layer", quick))
            .Should().Throw<ArgumentException>().WithMessage("'mid-layer' takes MidLayerSettings, not ReplaySettings*");

    [Test]
    public void SettingsFor_28Layers_AreTheDefaults()
    {
        var (settings, published) = (ReplaySettings.For(28), new ReplaySettings());

        settings.Should().BeEquivalentTo(published);
    }

    [Test]
    public void Answer_WithLayersThatThePairLacks_IsRefusedBeforeAnythingIsComputed()
    {
        var passes = pair.Model(ModelRole.Rlvr).VisionPasses;

        FluentActions.Invoking(() => pair.Answer(question, settings: new ReplaySettings()))
            .Should().Throw<ArgumentOutOfRangeException>().WithMessage("*Layer 15*layers 0 to 7*");

        pair.Model(ModelRole.Rlvr).VisionPasses.Should().Be(passes);
    }

    [Test]
    public void Answer_OfALoopThatDiverged_HasItsCurveAndNoText()
    {
        ReplayMethods.Register(new Broken());
        try
        {
            var answers = pair.Answers(question, [new("broken", quick), "none"], s_short);

            answers[0].Answers.Should().BeEmpty();
            answers[0].Losses.Should().Equal(1, double.NaN);
            answers[1].Text.Should().NotBeEmpty("one method takes no other's answer with it");
            FluentActions.Invoking(() => answers[0].Text)
                .Should().Throw<InvalidOperationException>().WithMessage("broken*not finite at step 1*learning rate*");
        }
        finally
        {
            ReplayMethods.Unregister("broken");
        }
    }

    [Test]
    public void Answer_OfALoopThatGrew_SaysThatItDiverged() =>
        pair.Answer(question, settings: quick with { LearningRate = 1e30 }, generation: s_short)
            .Loop!.Status.Should().Be(OptimisationStatus.Diverged);

    [Test]
    public void Answer_OfTextAlone_NeedsNoPicture()
    {
        var answer = pair.Answer(Question.Of("How many red triangles are there?"), generation: s_short);

        answer.VisualTokens.Should().Be(0);
        answer.Loop.Should().BeNull();
        answer.Answers.Should().ContainSingle();
    }

    [Test]
    public void Answer_WithoutItsPicture_NamesTheFile() =>
        FluentActions.Invoking(() => pair.Answer(Question.Of("How many?", "nowhere.png")))
            .Should().Throw<MediaException>().WithMessage("*nowhere.png*");

    [Test]
    public void Answer_ByAMethodThatIsNot_ListsThoseThereAre() =>
        FluentActions.Invoking(() => pair.Answer(question, "magic")).Should().Throw<ArgumentException>().WithMessage("*magic*replay*");

    [Test]
    public void Answer_GivenUp_StopsAndThePairGoesOn()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();

        FluentActions.Invoking(() => pair.Answer(question, cancel: source.Token)).Should().Throw<OperationCanceledException>();
        FluentActions.Invoking(() => pair.Lens(question, cancel: source.Token)).Should().Throw<OperationCanceledException>();

        pair.Answer(question, "base", generation: s_short).Text.Should().NotBeEmpty();
    }

    [Test]
    public void Answer_FromManyThreads_IsWhatItIsAlone()
    {
        Question[] questions = [.. Enumerable.Range(0, 4).Select(i => Question.Of("How many circles are there?", Picture($"000{i}")))];
        var alone = questions.Select(q => pair.Answer(q, settings: quick, generation: s_short).Text).ToArray();

        var together = new string[questions.Length];
        Parallel.For(0, questions.Length, i => together[i] = pair.Answer(questions[i], settings: quick, generation: s_short).Text);

        together.Should().Equal(alone);
    }

    [Test]
    public void AnswerAndLens_LeaveNoTensorsBehind()
    {
        pair.Compare(question, quick, s_short);
        pair.Lens(question).Dispose();
        var held = LiveTensors.Settled();

        pair.Compare(question, quick, s_short);
        pair.Lens(question).Dispose();

        LiveTensors.Settled().Should().Be(held);
    }

    [Test]
    public void Lens_ReadsWhatTheComparisonHolds()
    {
        using var lens = pair.Lens(question, allPositions: true);

        using var inputs = pair.Processor.Prepare(question.Messages);
        using var context = pair.Context(inputs);
        using var expected = LensComparison.Compare(
            context.Encoded(ModelRole.Base), context.Encoded(ModelRole.Rlvr), [.. Enumerable.Range(0, inputs.Length)]);
        lens.Layers.Should().Be(9);
        lens.Positions.Should().Equal(Enumerable.Range(0, inputs.Length));
        string.Concat(lens.Tokens).Should().Be(pair.Processor.Tokenizer.Decode(inputs.Ids, skipSpecialTokens: false));
        foreach (var (layer, index) in new[] { (0, 0), (3, 20), (8, inputs.Length - 1) })
        {
            var point = lens.At(layer, index);
            point.Kl.Should().Be(expected.Kl[layer, index].item<float>());
            point.TopKl.Should().Be(expected.TopKl[layer, index].item<float>());
            point.BaseEntropy.Should().Be(expected.BaseEntropy[layer, index].item<float>());
            point.RlvrEntropy.Should().Be(expected.RlvrEntropy[layer, index].item<float>());
            point.Base.Should().HaveCount(3).And.BeInDescendingOrder(t => t.Probability);
            point.Rlvr[0].Text.Should().Be(
                pair.Processor.Tokenizer.Decode([(int)expected.RlvrTokens.Ids[layer, index, 0].item<long>()], skipSpecialTokens: false));
        }
    }

    [Test]
    public void Lens_OfNoPicture_SaysWhatToAskFor()
    {
        var text = Question.Of("How many?");

        FluentActions.Invoking(() => pair.Lens(text)).Should().Throw<ArgumentException>().WithMessage("*no picture or video*all positions*");
        using var lens = pair.Lens(text, allPositions: true);
        lens.Positions.Should().NotBeEmpty();
    }

    [Test]
    public void Dispose_FreesBothModels_AndRefusesQuestions()
    {
        var other = ReplayPair.Open(s_folder);
        TorchSharp.Modules.Parameter[] weights = [.. Enum.GetValues<ModelRole>().SelectMany(role => other.Model(role).parameters())];
        using var lens = other.Lens(question);
        var kl = lens.At(8, 0).Kl;

        other.Dispose();
        other.Dispose();

        FluentActions.Invoking(() => other.Answer(question)).Should().Throw<ObjectDisposedException>();
        FluentActions.Invoking(() => other.Lens(question)).Should().Throw<ObjectDisposedException>();
        lens.At(8, 0).Kl.Should().Be(kl, "what was read stays");
        weights.Should().NotBeEmpty().And.OnlyContain(weight => weight.IsInvalid);
    }

    [Test]
    public void Open_OfNoPair_NamesTheFolderAndLeavesNothing()
    {
        var held = LiveTensors.Settled();

        FluentActions.Invoking(() => ReplayPair.Open(Path.Combine(s_folder, "base"), "nowhere"))
            .Should().Throw<CheckpointException>().WithMessage("*nowhere*");
        FluentActions.Invoking(() => ReplayPair.Open(s_folder, new PairOptions { Device = "toaster" }))
            .Should().Throw<ArgumentException>().WithMessage("*toaster*cpu*");

        LiveTensors.Settled().Should().Be(held);
    }

    [Test]
    public void OneModelInMemory_GivesTheSameAnswersAndTheSameLens()
    {
        using var one = ReplayPair.Open(s_folder, new PairOptions { Models = ModelsInMemory.One });
        var methods = ReplayMethods.Ids.Select(m => new AskedMethod(m, SettingsOf(m))).ToArray();
        var expected = pair.Answers(question, methods, s_short);

        var answers = one.Answers(question, methods, s_short);

        answers.Select(a => (a.Method, a.Answerer, a.Text)).Should().Equal(expected.Select(a => (a.Method, a.Answerer, a.Text)));
        answers.SelectMany(a => a.Losses).Should().Equal(expected.SelectMany(a => a.Losses));
        using var lens = one.Lens(question);
        using var both = pair.Lens(question);
        (lens.Comparison.Kl - both.Comparison.Kl).abs().max().item<float>().Should().Be(0);
        (lens.Comparison.BaseEntropy - both.Comparison.BaseEntropy).abs().max().item<float>().Should().Be(0);
    }

    [Test]
    public void OneModelInMemory_FreesTheOther()
    {
        using var one = ReplayPair.Open(s_folder, new PairOptions { Models = ModelsInMemory.One });
        var first = one.Model(ModelRole.Base);

        var second = one.Model(ModelRole.Rlvr);

        one.Model(ModelRole.Rlvr).Should().BeSameAs(second);
        first.HeadWeight.IsInvalid.Should().BeTrue();
        one.Model(ModelRole.Base).HeadWeight.IsInvalid.Should().BeFalse("it is loaded anew");
    }

    [Test]
    public void Question_HoldsItsTurns()
    {
        var one = (Question.Of("Which?", "a.png", "b.png") with { Limits = new(1, 2) }).WithSystem("Be brief.");

        one.Messages.Select(m => m.Role).Should().Equal("system", "user");
        one.Messages[1].Content.Select(c => c.GetType()).Should().Equal(typeof(ImagePart), typeof(ImagePart), typeof(TextPart));
        one.Limits.MaxPixels.Should().Be(2);
        FluentActions.Invoking(() => one.WithSystem("Again.")).Should().Throw<InvalidOperationException>();
        FluentActions.Invoking(() => Question.Of()).Should().Throw<ArgumentException>().WithMessage("*a text, a picture or a video*");
        FluentActions.Invoking(() => new Question([])).Should().Throw<ArgumentException>();
    }

    private static string Picture(string name) =>
        Path.Combine(Goldens.Repository, "ablations", "datasets", "counting", "images", name + ".png");

    // A loop whose loss is no number at its second step.
    private sealed class Broken : ReplayMethod<ReplaySettings>
    {
        public override string Id => "broken";

        public override ReplaySettings Defaults(int modelLayers) => ReplaySettings.For(modelLayers);

        public override Preparation Prepare(ReplayContext context, ReplaySettings settings) => new(
            ModelRole.Rlvr, Intervention.None, new OptimisationTrace([1, double.NaN], OptimisationStatus.Diverged, 0));
    }

    // Three steps for the methods that take them; null for the others.
    private ReplaySettings? SettingsOf(string method) => pair.Defaults(method) is ReplaySettings ? quick : null;
}
