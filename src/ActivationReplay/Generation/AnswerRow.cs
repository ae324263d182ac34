using ActivationReplay.Decoding;

namespace ActivationReplay.Generation;

/// <summary>One answer of a batch, as it grows.</summary>
/// <param name="request">The request.</param>
/// <param name="index">Its index in the batch.</param>
/// <param name="sample">The answer's index among the request's samples.</param>
/// <param name="until">Watches for a text that ends the answer; null without one.</param>
internal sealed class AnswerRow(GenerationRequest request, int index, int sample, StopText.Watch? until)
{
    public int Request => index;

    public List<int> Ids { get; } = [];

    public bool Finished { get; private set; }

    /// <summary>Takes a token; a stop token, or the end of the text that is watched for, finishes the answer.</summary>
    public void Add(int id, bool isStop)
    {
        Ids.Add(id);
        Finished = isStop || until?.StopsAt(id) == true;
    }

    public GeneratedToken Newest(bool atLimit) => new(index, sample, Ids[^1], Finished || atLimit);

    /// <summary>The rotary position of the first new token; each further one is one more.</summary>
    public long FirstPosition => request.Prompt.Inputs.Length + request.Prompt.Inputs.RopeDelta;

    /// <summary>Gives what is left of prompt and answer to who asked for it.</summary>
    public void Keep(AnswerCache cache, int at) =>
        request.Keep?.Invoke(sample, new KeptPrefix(cache.Row(at), [.. request.Prompt.Inputs.Ids, .. Ids], request.Prompt.Inputs.Length));

    public double Uniform(int step) => CounterRandom.Uniform(request.Settings.Seed, (ulong)(request.Indices?[sample] ?? sample), (ulong)step);
}
