using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Evaluation.Agents;

/// <summary>
/// Answers turns of conversations by the methods of a pair. Conversations whose prompts are equal share encodings and recordings;
/// all that one model answers in a turn is one batch. The vision tower runs over pictures that are new, and keys and values of
/// earlier turns are kept where the method allows (<see cref="IReplayMethod.IsCausal"/>).
/// </summary>
/// <param name="pair">The pair.</param>
/// <param name="loop">Which leads the conversations.</param>
/// <param name="limits">Limits on the area of pictures, those of the loop.</param>
/// <param name="generation">How tokens are chosen. Answers to a question are conversations of their own: samples is not read.</param>
public sealed class PairTurns(ReplayPair pair, AgentLoop loop, PixelLimits limits, GenerationSettings generation) : IDisposable
{
    private readonly Dictionary<Conversation, AgentPlayer> players = [];
    private Dictionary<Conversation, ReplayContext> contexts = [];

    /// <summary>How many prompts are prepared side by side; each by itself, so that the number changes nothing.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>Whether keys and values of earlier turns are kept; without, every turn computes its whole prompt.</summary>
    public bool KeepsPrefixes { get; init; } = true;

    /// <summary>Cancels, within a step of optimisation or decoding.</summary>
    public CancellationToken Cancel { get; init; }

    /// <summary>Leads conversations to their ends.</summary>
    /// <param name="talks">The conversations, and who answers them.</param>
    /// <param name="onTurn">Called after each turn of a conversation, if given.</param>
    /// <exception cref="OperationCanceledException"><see cref="Cancel"/> was cancelled.</exception>
    public void Run(IReadOnlyList<AgentPlayer> talks, Action<AgentPlayer>? onTurn = null)
    {
        try
        {
            Enter(talks);
            loop.Run([.. talks.Select(t => t.Conversation)], Answer, talk => onTurn?.Invoke(players[talk]), Cancel);
        }
        finally
        {
            Dispose();
        }
    }

    /// <summary>Frees what is kept of the conversations.</summary>
    public void Dispose()
    {
        foreach (var player in players.Values)
        {
            player.Dispose();
        }

        players.Clear();
        Free(contexts);
        contexts = [];
    }

    /// <summary>Says who answers conversations that another leads.</summary>
    public void Enter(IEnumerable<AgentPlayer> talks)
    {
        foreach (var player in talks)
        {
            players.Add(player.Conversation, player);
        }
    }

    /// <summary>Answers a turn of conversations that were entered.</summary>
    public IReadOnlyList<TurnTokens?> Answer(IReadOnlyList<Conversation> open)
    {
        var before = contexts;
        contexts = [];
        var prompts = open.GroupBy(c => c.Inputs!).Select(g => Prompt(g.Key, [.. g], before)).ToArray();
        Free(before);
        var answers = new Dictionary<Conversation, TurnTokens>();
        try
        {
            (IReplayMethod, Replay.MethodSettings)[] asked = [.. prompts.SelectMany(p => p.Players).Select(p => (p.Method, p.Settings))];
            foreach (var phase in pair.Models == ModelsInMemory.Both ? [PairPhase.Both] : PairPhase.OneAtATime(asked))
            {
                Cancel.ThrowIfCancellationRequested();
                if (phase.Role is { } role)
                {
                    var model = pair.Model(role);
                    Array.ForEach(prompts, p => p.Context.Exchange(role, model));
                }

                SideBySide.ForEach(prompts, Workers, p => p.Prepare(phase), Cancel);
                Generate([.. prompts.SelectMany(p => p.Ready(phase))], answers);
            }
        }
        finally
        {
            Array.ForEach(prompts, p => p.Release());
        }

        return [.. open.Select(answers.GetValueOrDefault)];
    }

    private AgentPrompts Prompt(ModelInputs inputs, Conversation[] members, Dictionary<Conversation, ReplayContext> before)
    {
        var source = new PromptSource(pair.Processor, members[0].Messages, limits) { QuestionId = TurnOf(members[0]) };
        var context = pair.Context(inputs, source, Cancel);
        if (before.TryGetValue(members[0], out var earlier))
        {
            context.Follow(earlier);
        }

        foreach (var member in members)
        {
            contexts[member] = context;
        }

        return new AgentPrompts(context, [.. members.Select(m => players[m])]);
    }

    private void Generate(IReadOnlyList<AgentRequest> requests, Dictionary<Conversation, TurnTokens> answers)
    {
        var roles = requests.GroupBy(r => r.Answerer).ToArray();
        SideBySide.ForEach(roles, Workers, role =>
        {
            foreach (var (player, turn) in Generate(role.Key, [.. role]))
            {
                lock (answers)
                {
                    answers[player.Conversation] = turn;
                }
            }
        }, Cancel);
    }

    // A conversation that cannot be answered takes none of its neighbours with it.
    private List<(AgentPlayer Player, TurnTokens Turn)> Generate(ModelRole role, IReadOnlyList<AgentRequest> requests)
    {
        try
        {
            return Batch(role, requests);
        }
        catch (Exception e) when (AgentPrompts.IsOfAConversation(e) && requests.Count > 1)
        {
            return [.. requests.SelectMany(r => Generate(role, [r]))];
        }
        catch (Exception e) when (AgentPrompts.IsOfAConversation(e))
        {
            foreach (var player in requests[0].Players)
            {
                player.Conversation.Fail(e.Message);
            }

            return [];
        }
    }

    private List<(AgentPlayer Player, TurnTokens Turn)> Batch(ModelRole role, IReadOnlyList<AgentRequest> requests)
    {
        var generator = pair.Generator(role, until: loop.Until);
        var sequences = generator.Generate([.. requests.Select(Request)], Cancel);
        var share = 1.0 / requests.Sum(r => r.Players.Count);
        return
        [
            .. requests.Zip(sequences).SelectMany(r => r.First.Players.Zip(r.Second).Select(p => (p.First, p.First.Take(p.Second, r.First.Times with
            {
                Prefill = generator.Seconds.Prefill * share,
                Decode = generator.Seconds.Decode * share,
            })))),
        ];
    }

    // Draws depend on the question, the turn and the repetition, not on which conversations still say the same.
    private GenerationRequest Request(AgentRequest request)
    {
        var (first, talk) = (request.Players[0], request.Players[0].Conversation);
        var keeps = KeepsPrefixes && first.Method.IsCausal;
        return new GenerationRequest(
            request.Context.Encoded(request.Answerer),
            request.Preparation.Intervention,
            generation.For(TurnOf(talk)) with { Samples = request.Players.Count })
        {
            Indices = [.. request.Players.Select(p => p.Repetition)],
            Kept = first.Kept,
            Keep = keeps ? (sample, kept) => request.Players[sample].Keep(kept) : null,
        };
    }

    private static string TurnOf(Conversation talk) => $"{talk.Question.Sample.Id}\n{talk.Turns.Count}";

    private static void Free(Dictionary<Conversation, ReplayContext> held)
    {
        foreach (var context in held.Values.Distinct())
        {
            context.Dispose();
        }
    }
}
