using ActivationReplay.Decoding;

namespace ActivationReplay.Generation;

/// <summary>One answer of a batch, as it grows.</summary>
/// <param name="request">The request.</param>
/// <param name="index">Its index in the batch.</param>
/// <param name="sample">The answer's index among the request's samples.</param>
/// <param name="row">Its row of the cache.</param>
/// <param name="until">Watches for a text that ends the answer; null without one.</param>
internal sealed class GrowingAnswer(GenerationRequest request, int index, int sample, int row, StopText.Watch? until)
{
    public int Request => index;

    public List<int> Ids { get; } = [];

    public bool Finished { get; private set; }

    /// <summary>The row of the cache, and so of the logits; answers that have the same tokens so far can have one.</summary>
    public int Row { get; set; } = row;

    /// <summary>Takes a token; a stop token, or the end of the text that is watched for, finishes the answer.</summary>
    public void Add(int id, bool isStop)
    {
        Ids.Add(id);
        Finished = isStop || until?.StopsAt(id) == true;
    }

    public GeneratedToken Newest(bool atLimit) => new(index, sample, Ids[^1], Finished || atLimit);

    /// <summary>The rotary position of the first new token; each further one is one more.</summary>
    public long FirstPosition => request.Prompt.Inputs.Length + request.Prompt.Inputs.RopeDelta;

    /// <summary>Where the answer ends, gives what is left of prompt and answer to who asked for it.</summary>
    public void Keep(AnswerCache cache, bool atLimit)
    {
        if (Finished || atLimit)
        {
            request.Keep?.Invoke(sample, new KeptPrefix(cache.Row(Row), [.. request.Prompt.Inputs.Ids, .. Ids], request.Prompt.Inputs.Length));
        }
    }

    public double Uniform(int step) => CounterRandom.Uniform(request.Settings.Seed, (ulong)(request.Indices?[sample] ?? sample), (ulong)step);
}
