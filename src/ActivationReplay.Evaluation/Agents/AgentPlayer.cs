using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Objective;

namespace ActivationReplay.Evaluation.Agents;

/// <summary>Wall-clock seconds of a turn: shared work counts whole in each conversation, what runs as one batch in equal shares.</summary>
/// <param name="Vision">The vision tower over pictures that are new.</param>
/// <param name="Recording">Recordings, and the targets made of them.</param>
/// <param name="Loop">The optimisation loop.</param>
/// <param name="Prefill">Prefill of the answering model.</param>
/// <param name="Decode">Decoding.</param>
public readonly record struct TurnTimes(double Vision, double Recording, double Loop, double Prefill, double Decode)
{
    /// <summary>All seconds.</summary>
    public double Total => Vision + Recording + Loop + Prefill + Decode;

    /// <summary>Adds the seconds of another turn.</summary>
    public TurnTimes Plus(TurnTimes other) => new(
        Vision + other.Vision, Recording + other.Recording, Loop + other.Loop, Prefill + other.Prefill, Decode + other.Decode);
}

/// <summary>Who answers a conversation, how, and what came of it.</summary>
/// <param name="talk">The conversation.</param>
/// <param name="method">The method, which prepares every turn anew.</param>
/// <param name="settings">What it does.</param>
/// <param name="repetition">The index among the answers to one question, which decides the draws.</param>
public sealed class AgentPlayer(Conversation talk, IReplayMethod method, MethodSettings settings, int repetition = 0) : IDisposable
{
    /// <summary>The conversation.</summary>
    public Conversation Conversation => talk;

    /// <summary>The method.</summary>
    public IReplayMethod Method => method;

    /// <summary>What the method does.</summary>
    public MethodSettings Settings => settings;

    /// <summary>The index among the answers to one question.</summary>
    public int Repetition => repetition;

    /// <summary>If set, called with what was prepared for a turn, the turn's index first, while that is there.</summary>
    public Action<int, Preparation, ModelInputs>? OnPrepared { get; init; }

    /// <summary>The seconds of all turns.</summary>
    public TurnTimes Times { get; private set; }

    /// <summary>The loop of each turn that had one.</summary>
    public IReadOnlyList<OptimisationTrace> Loops => loops;

    private readonly List<OptimisationTrace> loops = [];

    /// <summary>What is left of the turn before, where the method allows that it is used.</summary>
    internal KeptPrefix? Kept { get; private set; }

    internal void Prepared(Preparation preparation, ModelInputs inputs)
    {
        if (preparation.Trace is { } loop)
        {
            loops.Add(loop);
        }

        OnPrepared?.Invoke(talk.Turns.Count, preparation, inputs);
    }

    internal void Keep(KeptPrefix kept)
    {
        Kept?.Dispose();
        Kept = kept;
    }

    internal TurnTokens Take(GeneratedSequence sequence, TurnTimes times)
    {
        Times = Times.Plus(times);
        return new TurnTokens(sequence.Ids, sequence.Finished, times.Total);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Kept?.Dispose();
        Kept = null;
    }
}
