namespace ActivationReplay.Generation;

/// <summary>One answer of a batch, as it grows.</summary>
/// <param name="request">The request.</param>
/// <param name="index">Its index in the batch.</param>
/// <param name="sample">The answer's index among the request's samples.</param>
internal sealed class AnswerRow(GenerationRequest request, int index, int sample)
{
    public int Request => index;

    public List<int> Ids { get; } = [];

    public bool Finished { get; set; }

    public GeneratedToken Newest(bool atLimit) => new(index, sample, Ids[^1], Finished || atLimit);

    /// <summary>The rotary position of the first new token; each further one is one more.</summary>
    public long FirstPosition => request.Prompt.Inputs.Length + request.Prompt.Inputs.RopeDelta;

    public double Uniform(int step) => CounterRandom.Uniform(request.Settings.Seed, (ulong)(request.FirstSample + sample), (ulong)step);
}
