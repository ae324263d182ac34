using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Evaluation.Agents;

/// <summary>A turn to be generated: one intervention on one prompt, for as many conversations as share both.</summary>
/// <param name="Answerer">The model.</param>
/// <param name="Context">The prompt.</param>
/// <param name="Preparation">What the method prepared.</param>
/// <param name="Players">The conversations, in the order of their repetitions.</param>
/// <param name="Times">What preparing took.</param>
internal sealed record AgentRequest(
    ModelRole Answerer, ReplayContext Context, Preparation Preparation, IReadOnlyList<AgentPlayer> Players, TurnTimes Times);

/// <summary>One prompt of a turn, and the conversations that have it.</summary>
/// <param name="context">The prompt. Not owned.</param>
/// <param name="players">Who answers it.</param>
internal sealed class AgentPrompts(ReplayContext context, IReadOnlyList<AgentPlayer> players)
{
    private readonly List<AgentRequest> requests = [];
    private readonly List<PreparedVariants> prepared = [];

    public ReplayContext Context => context;

    public IReadOnlyList<AgentPlayer> Players => players;

    /// <summary>Whether an exception is about one conversation, and not about the machine or the user's wish to stop.</summary>
    public static bool IsOfAConversation(Exception e) => e is not (OutOfMemoryException or OperationCanceledException);

    /// <summary>Records what a phase records and prepares what it answers. A failure ends the conversations of this prompt.</summary>
    public void Prepare(PairPhase phase)
    {
        try
        {
            var open = players.Where(p => p.Conversation.End is null).ToList();
            context.Record(phase.Needs(open.Select(p => (p.Method, p.Settings))), keepTargets: phase.Role is not null);
            foreach (var method in open.Where(p => phase.IsAnswered(p.Method)).GroupBy(p => p.Method))
            {
                Prepare(method.Key, [.. method.GroupBy(p => p.Settings).Select(g => g.OrderBy(p => p.Repetition).ToList())]);
            }
        }
        catch (Exception e) when (IsOfAConversation(e))
        {
            foreach (var player in players)
            {
                player.Conversation.Fail(e.Message);
            }
        }
    }

    /// <summary>The turns that are ready to be generated in a phase.</summary>
    public IEnumerable<AgentRequest> Ready(PairPhase phase) =>
        requests.Where(r => phase.Role is null || phase.Role == r.Answerer).Where(r => r.Players[0].Conversation.End is null);

    /// <summary>Frees what was prepared.</summary>
    public void Release()
    {
        prepared.ForEach(p => p.Dispose());
        prepared.Clear();
        requests.Clear();
    }

    private void Prepare(IReplayMethod method, IReadOnlyList<List<AgentPlayer>> variants)
    {
        var all = PreparedVariants.Of(method, context, [.. variants.Select(v => v[0].Settings)]);
        prepared.Add(all);
        foreach (var (group, preparation) in variants.Zip(all.Preparations))
        {
            var times = new TurnTimes(all.Vision / group.Count, all.Recording / group.Count, (preparation.Trace?.Seconds ?? 0) / group.Count, 0, 0);
            foreach (var player in group)
            {
                player.Prepared(preparation, context.Inputs);
                if (preparation.Trace?.BrokenStep is { } step)
                {
                    player.Conversation.Fail($"diverged: the loss is not finite at step {step} of turn {player.Conversation.Turns.Count + 1}; lower the learning rate");
                }
            }

            // What is kept of earlier turns may differ between conversations that now say the same: it is that of the first.
            requests.Add(new AgentRequest(preparation.Answerer, context, preparation, group, times));
        }
    }
}
