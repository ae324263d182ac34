using ActivationReplay.Evaluation.Agents;
using ActivationReplay.Generation;
using ActivationReplay.Models;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Objective;
using ActivationReplay.Replay.Recordings;
using FluentAssertions;
using NUnit.Framework;

namespace ActivationReplay.Tests.Agents;

/// <summary>
/// Turns that a pair generates, on the pair that ships. It has learnt no calls: each turn is what it writes, and a call that is
/// written here after it.
/// </summary>
public sealed class PairTurnsTests
{
    private static readonly string[] s_methods = ["base", "none", "replay", "mid-layer", "reverse", "cross-model", "local-smooth", "global-smooth"];
    private static readonly GenerationSettings s_short = new() { MaxNewTokens = 8 };

    // Conversations of one method alone, by whether earlier turns are kept: several tests compare with them, and each takes seconds.
    private readonly Dictionary<(string Method, bool Keeps), Led> alone = [];

    private ReplayPair pair = null!;

    [OneTimeSetUp]
    public void Open() => pair = ReplayPair.Open(Scripted.Folder);

    [OneTimeTearDown]
    public void Close() => pair.Dispose();

    [TestCaseSource(nameof(s_methods))]
    public void Run_KeepingEarlierTurns_SaysWhatItSaysWithoutKeeping(string method)
    {
        var kept = Alone(method, keeps: true);

        kept.Tokens.Should().Equal(Alone(method, keeps: false).Tokens).And.HaveCount(3);
        kept.Pictures.Should().Be(3);
    }

    [Test]
    public void Run_OfManyConversations_EqualsEachAlone()
    {
        var together = Lead(s_methods);

        foreach (var player in together)
        {
            Tokens(player).Should().Equal(Alone(player.Method.Id, keeps: true).Tokens, $"of {player.Method.Id}");
        }
    }

    // Only the new positions pass through the layers of the model that answers.
    [TestCase("none", true)]
    [TestCase("base", true)]
    [TestCase("cross-model", true)]
    [TestCase("replay", false)]
    public void Run_OfACausalMethod_ComputesEarlierPositionsOnce(string method, bool isKept)
    {
        (Alone(method, keeps: true).Positions < Alone(method, keeps: false).Positions).Should().Be(isKept);
    }

    [Test]
    public void Run_EncodesEachPictureOnceAModel()
    {
        var model = pair.Model(ModelRole.Rlvr);
        var before = model.VisionPasses;

        var players = Lead(["none", "cross-model", "replay"]);

        // One pass for the first prompt, then one for the new part of each prompt that differs.
        var prompts = Enumerable.Range(0, 3).Sum(turn => players.Select(p => string.Join(' ', p.Conversation.Turns.Take(turn).SelectMany(t => t.Tokens.Ids))).Distinct().Count());
        (model.VisionPasses - before).Should().Be(prompts);
    }

    // The states of the third turn's prompt, its pictures encoded turn by turn, against the same conversation as one prompt.
    [Test]
    public void Encode_OfALaterTurn_HasTheStatesOfTheConversationAsOnePrompt()
    {
        var model = pair.Model(ModelRole.Rlvr);
        var talk = Scripted.Conversation();
        var checkedTurns = 0;
        ReplayContext? before = null;
        new AgentLoop(pair.Processor, Scripted.Settings).Run([talk], open =>
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            var context = pair.Context(open[0].Inputs!);
            if (before is not null)
            {
                context.Follow(before);
                before.Dispose();
            }

            before = context;
            using var whole = pair.Processor.Prepare(open[0].Messages, Scripted.Settings.Limits);
            using var encoded = EncodedPrompt.Encode(model, whole);
            var turn = ForwardPass.HiddenStates(model, context.Encoded(ModelRole.Rlvr).Embedded, open[0].Inputs!);
            var once = ForwardPass.HiddenStates(model, encoded.Embedded, whole);
            // Pictures in a batch of their own are summed in another order: 1e-5 is some ten roundings of fp32.
            ((turn - once).norm() / once.norm()).item<float>().Should().BeLessThan(1e-5f);
            checkedTurns++;
            return [Scripted.Turn(open[0].Turns.Count == 2 ? "<answer>2</answer>" : open[0].Turns.Count == 1 ? Scripted.SecondCall : Scripted.Call)];
        });
        before!.Dispose();

        checkedTurns.Should().Be(3);
    }

    [Test]
    public void Run_WithOneModelAtATime_SaysTheSame()
    {
        string[] methods = ["base", "none", "replay", "reverse", "cross-model"];
        using var one = ReplayPair.Open(Scripted.Folder, new PairOptions { Models = ModelsInMemory.One });

        Lead(methods, of: one).Select(Tokens).Should().BeEquivalentTo(methods.Select(m => Alone(m, keeps: true).Tokens), o => o.WithStrictOrdering());
    }

    [Test]
    public void Run_AtATemperature_DrawsEachQuestionOnItsOwn_AndItsRepetitionsDifferently()
    {
        AgentPlayer[] players = [.. Sampled("q1", 0, 1), .. Sampled("q2", 0, 1)];
        var alone = Sampled("q2", 1);

        Lead(players);
        Lead(alone);

        players.Select(SaidIn).Should().OnlyHaveUniqueItems();
        SaidIn(alone[0]).Should().Be(SaidIn(players[3]), "the draws depend on nothing beside");

        static string SaidIn(AgentPlayer player) => string.Join(" | ", Tokens(player));

        void Lead(AgentPlayer[] led)
        {
            var loop = new AgentLoop(pair.Processor, Scripted.Settings with { Turns = 1, MaxNewTokens = 12 });
            using var turns = new PairTurns(pair, loop, Scripted.Settings.Limits, new GenerationSettings { MaxNewTokens = 12, Temperature = 2 });
            turns.Run(led);
        }

        AgentPlayer[] Sampled(string id, params int[] repetitions)
        {
            var question = new AgentQuestion(Scripted.Sample("How many red triangles are there?") with { Id = id }, AgentPrompt.Default(new ZoomTool()));
            return [.. repetitions.Select(r => new AgentPlayer(new Conversation(question), ReplayMethods.Get("none"), SettingsOf("none"), r))];
        }
    }

    [Test]
    public void Run_LeavesNoTensorBehind()
    {
        Lead(["none", "replay"]);
        var before = LiveTensors.Settled();

        Lead(["none", "replay", "cross-model"]);

        LiveTensors.Settled().Should().Be(before);
    }

    [Test]
    public void Run_OfALoopThatDiverges_FailsThatConversationAlone()
    {
        var players = Players(["none", "replay"]);
        players[1] = new AgentPlayer(players[1].Conversation, new Broken(), new UnchangedSettings());

        Lead(pair, players, keeps: true);

        players[0].Conversation.End.Should().NotBe(ConversationEnd.Failed);
        players[1].Conversation.End.Should().Be(ConversationEnd.Failed);
        players[1].Conversation.Error.Should().Contain("diverged");
    }

    private static string[] Tokens(AgentPlayer player) => [.. player.Conversation.Turns.Select(t => string.Join(" ", t.Tokens.Ids))];

    private Led Alone(string method, bool keeps)
    {
        if (!alone.TryGetValue((method, keeps), out var led))
        {
            var model = pair.Model(ReplayMethods.Get(method).Answerer);
            var before = model.LayerPositions;
            var player = Lead([method], keeps)[0];
            alone[(method, keeps)] = led = new Led(Tokens(player), player.Conversation.Pictures, model.LayerPositions - before);
        }

        return led;
    }

    private AgentPlayer[] Lead(string[] methods, bool keeps = true, ReplayPair? of = null)
    {
        var players = Players(methods);
        Lead(of ?? pair, players, keeps);
        players.Should().OnlyContain(p => p.Conversation.End == ConversationEnd.TurnsUsedUp);
        return players;
    }

    private AgentPlayer[] Players(string[] methods)
    {
        var question = new AgentQuestion(Scripted.Sample("How many red triangles are there?"), AgentPrompt.Default(new ZoomTool()));
        return [.. methods.Select(m => new AgentPlayer(new Conversation(question), ReplayMethods.Get(m), SettingsOf(m)))];
    }

    private static void Lead(ReplayPair of, AgentPlayer[] players, bool keeps)
    {
        var loop = new AgentLoop(of.Processor, Scripted.Settings with { Turns = 3, MaxNewTokens = s_short.MaxNewTokens });
        using var turns = new PairTurns(of, loop, Scripted.Settings.Limits, s_short) { KeepsPrefixes = keeps };
        turns.Enter(players);
        loop.Run([.. players.Select(p => p.Conversation)], open =>
        [
            .. turns.Answer(open).Zip(open).Select(t => t.First is { } written
                ? written with { Ids = [.. written.Ids, .. of.Processor.Tokenizer.Encode(t.Second.Turns.Count == 0 ? Scripted.Call : Scripted.SecondCall)] }
                : null),
        ]);
    }

    // Entropies of the small pair lie close together: none is below 0.4 of the largest.
    private MethodSettings SettingsOf(string method) => pair.Defaults(method) switch
    {
        ReplaySettings s => s with { Iterations = 2, LearningRate = 1, Threshold = new EntropyThreshold(ThresholdRule.Quantile, 0.5) },
        MidLayerSettings s => s with { Iterations = 2, LearningRate = 1, Threshold = new EntropyThreshold(ThresholdRule.Quantile, 0.5) },
        LocalSmoothSettings s => s with { Iterations = 2 },
        GlobalSmoothSettings s => s with { Iterations = 2 },
        CrossModelSettings s => s with { CrossThresholds = [5.8, 5.8] },
        var s => s,
    };

    // What was said turn by turn, how many pictures were seen, and how many positions passed through layers of the model that answers.
    private sealed record Led(string[] Tokens, int Pictures, long Positions);

    private sealed class Broken : ReplayMethod<UnchangedSettings>
    {
        public override string Id => "broken";

        public override UnchangedSettings Defaults(int modelLayers) => new();

        public override Preparation Prepare(ReplayContext context, UnchangedSettings settings) =>
            new(ModelRole.Rlvr, Intervention.None, new OptimisationTrace([1, double.NaN], OptimisationStatus.Diverged, 0));
    }
}
