using ActivationReplay.Generation;
using ActivationReplay.Models;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Objective;
using ActivationReplay.Replay.Recordings;
using ActivationReplay.Vision;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Pairs;

/// <summary>Answers of the engine's face, on the pair that ships.</summary>
public sealed class ReplayPairTests : ShippedPairTest
{
    [TestCase("base", ModelRole.Base)]
    [TestCase("none", ModelRole.Rlvr)]
    [TestCase("replay", ModelRole.Rlvr)]
    [TestCase("reverse", ModelRole.Base)]
    public void Answer_IsTheOneOfTheModelThatTheMethodNames(string method, ModelRole answerer)
    {
        var settings = SettingsOf(method);
        var answer = Pair.Answer(Asked, method, settings, FewTokens);

        using var inputs = Pair.Processor.Prepare(Asked.Messages);
        using var context = Pair.Context(inputs);
        using var prepared = ReplayMethods.Get(method).Prepare(context, settings ?? Pair.Defaults(method));
        var expected = Pair.Generator(answerer).Generate(
            new GenerationRequest(context.Encoded(answerer), prepared.Intervention, FewTokens))[0];
        answer.Answerer.Should().Be(answerer);
        answer.Answers.Single().Ids.Should().Equal(expected.Ids);
        answer.Text.Should().Be(Pair.Processor.Tokenizer.Decode(expected.Ids));
        answer.Losses.Should().Equal(prepared.Trace?.Losses ?? []);
        answer.VisualTokens.Should().Be(36);
        answer.Times.Total.Should().BePositive();
    }

    [Test]
    public void Answers_OfSeveralMethods_EqualEachAlone()
    {
        string[] methods = ["cross-model", "base", "replay", "none", "reverse"];

        var together = Pair.Answers(Asked, [.. methods.Select(m => new AskedMethod(m, SettingsOf(m)))], FewTokens);

        together.Select(a => a.Method).Should().Equal(methods);
        foreach (var answer in together)
        {
            answer.Text.Should().Be(Pair.Answer(Asked, answer.Method, SettingsOf(answer.Method), FewTokens).Text);
        }
    }

    // The same picture and text under two ids: with one choice for all, an interval over questions would not see that it is one.
    [Test]
    public void RandomChoices_AreOfTheQuestion()
    {
        var random = new ReplaySettings { Layers = [0, 1], Selection = EntropySelection.Random, Threshold = new(ThresholdRule.Quantile, 0.5), Iterations = 0 };

        var (first, again, second, seedAlone) = (Selected("a"), Selected("a"), Selected("b"), Selected(null));

        again.Should().BeEquivalentTo(first, o => o.WithStrictOrdering());
        second[0].Should().HaveSameCount(first[0]).And.NotEqual(first[0]);
        seedAlone[0].Should().NotEqual(first[0]).And.NotEqual(second[0]);
        OneModelAtATime("a").Should().BeEquivalentTo(first, o => o.WithStrictOrdering());
        Jittered("a").Should().Be(Jittered("a")).And.NotBe(Jittered("b"));

        IReadOnlyList<IReadOnlyList<int>> Selected(string? id)
        {
            using var inputs = Pair.Processor.Prepare(Asked.Messages);
            using var context = Pair.Context(inputs, new PromptSource(Pair.Processor, Asked.Messages) { QuestionId = id });
            using var prepared = ReplayMethods.Get("replay").Prepare(context, random);
            return prepared.Selected!;
        }

        IReadOnlyList<IReadOnlyList<int>> OneModelAtATime(string id)
        {
            using var inputs = Pair.Processor.Prepare(Asked.Messages);
            using var context = new ReplayContext(
                inputs, Pair.Model(ModelRole.Base), null, new PromptSource(Pair.Processor, Asked.Messages) { QuestionId = id });
            context.Record(ReplayMethods.Get("replay").Needs(random), keepTargets: true);
            context.Exchange(ModelRole.Rlvr, Pair.Model(ModelRole.Rlvr));
            using var prepared = ReplayMethods.Get("replay").Prepare(context, random);
            return prepared.Selected!;
        }

        double Jittered(string id) => Pair.Answer(Asked with { Id = id }, "global-smooth", new GlobalSmoothSettings { Layers = [0, 1], Iterations = 1 }, FewTokens)
            .Losses[0];
    }

    [Test]
    public void Compare_IsBaseRlvrAndReplay()
    {
        var compared = Pair.Compare(Asked, Quick, FewTokens);

        (compared.Base.Method, compared.Rlvr.Method, compared.Replay.Method).Should().Be(("base", "none", "replay"));
        (compared.Base.Loop, compared.Rlvr.Loop).Should().Be((null, null));
        compared.Replay.Losses.Should().HaveCount(3).And.BeInDescendingOrder().And.OnlyContain(loss => loss > 0);
        compared.Base.Answerer.Should().Be(ModelRole.Base);
    }

    [Test]
    public void Answer_OfALoopThatDiverged_HasItsCurveAndNoText()
    {
        ReplayMethods.Register(new Broken());
        try
        {
            var answers = Pair.Answers(Asked, [new("broken", Quick), "none"], FewTokens);

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
        Pair.Answer(Asked, settings: Quick with { LearningRate = 1e30 }, generation: FewTokens)
            .Loop!.Status.Should().Be(OptimisationStatus.Diverged);

    [Test]
    public void Answer_OfTextAlone_NeedsNoPicture()
    {
        var answer = Pair.Answer(Question.Of("How many red triangles are there?"), generation: FewTokens);

        answer.VisualTokens.Should().Be(0);
        answer.Loop.Should().BeNull();
        answer.Answers.Should().ContainSingle();
    }

    [Test]
    public void Answer_WithoutItsPicture_NamesTheFile() =>
        FluentActions.Invoking(() => Pair.Answer(Question.Of("How many?", "nowhere.png")))
            .Should().Throw<MediaException>().WithMessage("*nowhere.png*");

    [Test]
    public void Answer_ByAMethodThatIsNot_ListsThoseThereAre() =>
        FluentActions.Invoking(() => Pair.Answer(Asked, "magic")).Should().Throw<ArgumentException>().WithMessage("*magic*replay*");

    [Test]
    public void Answer_FromManyThreads_IsWhatItIsAlone()
    {
        Question[] questions = [.. Enumerable.Range(0, 4).Select(i => Question.Of("How many circles are there?", Picture($"000{i}")))];
        var alone = questions.Select(q => Pair.Answer(q, settings: Quick, generation: FewTokens).Text).ToArray();

        var together = new string[questions.Length];
        Parallel.For(0, questions.Length, i => together[i] = Pair.Answer(questions[i], settings: Quick, generation: FewTokens).Text);

        together.Should().Equal(alone);
    }

    // A loop whose loss is no number at its second step.
    private sealed class Broken : ReplayMethod<ReplaySettings>
    {
        public override string Id => "broken";

        public override ReplaySettings Defaults(int modelLayers) => ReplaySettings.For(modelLayers);

        public override Preparation Prepare(ReplayContext context, ReplaySettings settings) => new(
            ModelRole.Rlvr, Intervention.None, new OptimisationTrace([1, double.NaN], OptimisationStatus.Diverged, 0));
    }
}
