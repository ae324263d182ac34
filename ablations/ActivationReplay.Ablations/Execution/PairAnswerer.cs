using ActivationReplay.Generation;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay.Ablations.Execution;

/// <summary>What generates answers.</summary>
internal interface IAnswerer
{
    /// <summary>Answers several prompts in one batch.</summary>
    /// <param name="role">The model, which encoded the prompts.</param>
    /// <param name="requests">The prompts, with interventions and settings.</param>
    /// <param name="cancel">Cancels within a step of decoding.</param>
    /// <returns>The answers of each request, and the seconds of the batch.</returns>
    (IReadOnlyList<IReadOnlyList<GeneratedSequence>> Answers, (double Prefill, double Decode) Seconds) Answer(
        ModelRole role, IReadOnlyList<GenerationRequest> requests, CancellationToken cancel);
}

/// <summary>Generates with the models of a pair.</summary>
/// <param name="pair">The pair.</param>
internal sealed class PairAnswerer(ReplayPair pair) : IAnswerer
{
    public (IReadOnlyList<IReadOnlyList<GeneratedSequence>> Answers, (double Prefill, double Decode) Seconds) Answer(
        ModelRole role, IReadOnlyList<GenerationRequest> requests, CancellationToken cancel)
    {
        var generator = pair.Generator(role);
        var answers = generator.Generate(requests, cancel);
        return (answers, generator.Seconds);
    }
}
