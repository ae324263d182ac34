using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Replay.Methods;

/// <summary>
/// A stretch of the work on questions in which the same models are in memory. With both there is one phase. With one at a time
/// base is recorded first; then RLVR is recorded, prepares and answers; then base prepares and answers what is its to answer.
/// </summary>
public sealed record PairPhase
{
    private PairPhase(ModelRole? role, bool answers) => (Role, Answers) = (role, answers);

    /// <summary>Both models are there.</summary>
    public static PairPhase Both { get; } = new(null, answers: true);

    /// <summary>Base is there, and is recorded for those that RLVR answers.</summary>
    public static PairPhase BaseRecords { get; } = new(ModelRole.Base, answers: false);

    /// <summary>RLVR is there.</summary>
    public static PairPhase RlvrAnswers { get; } = new(ModelRole.Rlvr, answers: true);

    /// <summary>Base is there, and answers.</summary>
    public static PairPhase BaseAnswers { get; } = new(ModelRole.Base, answers: true);

    /// <summary>The model that is there; null where both are.</summary>
    public ModelRole? Role { get; }

    private bool Answers { get; }

    /// <summary>The phases that some methods take with one model at a time, in order.</summary>
    public static IReadOnlyList<PairPhase> OneAtATime(IReadOnlyCollection<(IReplayMethod Method, MethodSettings Settings)> asked) =>
    [
        .. new[] { BaseRecords, RlvrAnswers, BaseAnswers }
            .Where(phase => asked.Any(a => phase.IsAnswered(a.Method)) || phase.Needs(asked).Any()),
    ];

    /// <summary>Whether a method prepares and answers in this phase.</summary>
    public bool IsAnswered(IReplayMethod method) => Answers && (Role is null || Role == method.Answerer);

    /// <summary>What is recorded in this phase for the methods that the other model answers later.</summary>
    public IEnumerable<RecordingNeed> LeftToTheOther(IEnumerable<(IReplayMethod Method, MethodSettings Settings)> asked) =>
        Role is null || this == BaseAnswers ? [] : asked.Where(a => a.Method.Answerer != Role).SelectMany(a => a.Method.Needs(a.Settings)).Where(n => n.Role == Role);

    /// <summary>What is recorded in this phase.</summary>
    public IEnumerable<RecordingNeed> Needs(IEnumerable<(IReplayMethod Method, MethodSettings Settings)> asked) => asked
        .SelectMany(a => a.Method.Needs(a.Settings).Select(need => (a.Method.Answerer, Need: need)))
        .Where(n => Role is null || (n.Need.Role == Role && (Role == ModelRole.Rlvr || (n.Answerer == ModelRole.Base) == Answers)))
        .Select(n => n.Need);
}
