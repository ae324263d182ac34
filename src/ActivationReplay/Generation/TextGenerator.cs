using System.Diagnostics;
using ActivationReplay.Decoding;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Generation;

/// <summary>A prompt to answer.</summary>
/// <param name="Prompt">As the answering model encoded it.</param>
/// <param name="Intervention">Applied at prefill.</param>
/// <param name="Settings">How many answers, how long, how chosen; the same but for the seed in one batch.</param>
public sealed record GenerationRequest(EncodedPrompt Prompt, Intervention Intervention, GenerationSettings Settings);

/// <summary>A token that was just chosen.</summary>
/// <param name="Request">The request's index in its batch.</param>
/// <param name="Sequence">The sequence's index among the request's samples.</param>
/// <param name="Id">The token.</param>
/// <param name="IsLast">Nothing follows in this sequence: the token is a stop token, or the limit is reached.</param>
public readonly record struct GeneratedToken(int Request, int Sequence, int Id, bool IsLast);

/// <summary>Batched generation with a cache of keys and values.</summary>
/// <remarks>
/// Each prompt is prefilled by itself, draws depend on seed, sample and place, and what a row attends to is its own. What is
/// left to depend on the batch is in which order libtorch sums the products of the new tokens:
/// <list type="bullet">
/// <item>On the CPU in fp32, batches of up to 64 rows: in the same order however many rows there are. A row's logits are the same
/// bits in any such batch, and so are its tokens.</item>
/// <item>Larger batches, other types and other devices: the order may change with the number of rows. Logits then differ by the
/// type's rounding, and tokens where two are as close as that.</item>
/// </list>
/// Whoever wants the same rows from every run forms batches by content alone.
/// </remarks>
public sealed class TextGenerator(QwenVlModel model, IReadOnlyList<int> stopIds)
{
    private readonly HashSet<long> stops = [.. stopIds.Select(id => (long)id)];

    /// <summary>Wall-clock seconds of the prefill of the last call, and of choosing and decoding tokens after it.</summary>
    public (double Prefill, double Decode) Seconds { get; private set; }

    /// <summary>
    /// Called for each token as it is chosen, on the thread that generates, if set. The tokens of all sequences of a batch
    /// come step by step. An exception that it throws ends the generation.
    /// </summary>
    public Action<GeneratedToken>? OnToken { get; init; }

    /// <summary>Answers one prompt.</summary>
    /// <inheritdoc cref="Generate(IReadOnlyList{GenerationRequest}, CancellationToken)"/>
    public IReadOnlyList<GeneratedSequence> Generate(GenerationRequest request, CancellationToken cancel = default) =>
        Generate([request], cancel)[0];

    /// <summary>Answers several prompts in one batch; a list of answers a prompt.</summary>
    /// <param name="requests">What to answer.</param>
    /// <param name="cancel">Gives the batch up, within a layer of prefill or a token of decoding.</param>
    /// <exception cref="ArgumentException">
    /// The requests differ in more than their seeds and samples, or another model encoded a prompt.
    /// </exception>
    /// <exception cref="OperationCanceledException">Given up.</exception>
    public IReadOnlyList<IReadOnlyList<GeneratedSequence>> Generate(
        IReadOnlyList<GenerationRequest> requests, CancellationToken cancel = default)
    {
        if (requests.Count == 0)
        {
            return [];
        }

        var settings = requests[0].Settings;
        if (requests.Any(r => r.Settings with { Seed = settings.Seed, Samples = settings.Samples } != settings))
        {
            throw new ArgumentException("The requests of a batch share all settings but seed and samples.", nameof(requests));
        }

        CheckModel(requests);
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var rows = requests.SelectMany((request, r) =>
            Enumerable.Range(0, request.Settings.Samples).Select(sample => new Row(request, r, sample))).ToList();
        var watch = Stopwatch.StartNew();
        var longest = requests.Max(r => r.Prompt.Inputs.Length);
        var cache = Allocate(rows.Count, longest + settings.MaxNewTokens - 1);
        try
        {
            var logits = Prefill(requests, cache, longest, cancel);
            var prefill = watch.Elapsed.TotalSeconds;
            Decode(rows, ref cache, logits, settings, cancel);
            Seconds = (prefill, watch.Elapsed.TotalSeconds - prefill);
        }
        finally
        {
            cache.Dispose();
        }

        return [.. requests.Index().Select(request => (IReadOnlyList<GeneratedSequence>)
            [.. rows.Where(row => row.Request == request.Index).Select(row => new GeneratedSequence(row.Ids, row.Finished))])];
    }

    // The states of another model's embeddings mean nothing to this one, and its answer would look like one.
    private void CheckModel(IReadOnlyList<GenerationRequest> requests)
    {
        foreach (var (index, request) in requests.Index())
        {
            if (!ReferenceEquals(request.Prompt.Model, model))
            {
                throw new ArgumentException(
                    $"Request {index}: another model than this generator's encoded the prompt. The model that answers encodes it: "
                    + "with a Preparation, take context.Encoded(prepared.Answerer) and a generator of that answerer.",
                    nameof(requests));
            }
        }
    }

    // The logits [rows, V] of each row's first new token; the cache takes the prompts, which end at the longest one's length.
    private Tensor Prefill(IReadOnlyList<GenerationRequest> requests, KeyValueCache batch, int longest, CancellationToken cancel)
    {
        var logits = new List<Tensor>();
        var first = 0L;
        foreach (var request in requests)
        {
            using var scope = NewDisposeScope();
            var inputs = request.Prompt.Inputs;
            using var prompt = Allocate(1, inputs.Length);
            var last = ForwardPass.Run(
                model, request.Prompt.Embedded, model.RotaryOf(inputs), prompt, request.Intervention, model.Layers + 1,
                _ => cancel.ThrowIfCancellationRequested());
            prompt.Advance();
            batch.Fill(prompt, first, request.Settings.Samples, longest);
            first += request.Settings.Samples;
            var row = model.Unembed(last.narrow(1, inputs.Length - 1, 1)).squeeze(1); // [1, V]
            logits.Add(row.expand(request.Settings.Samples, -1).MoveToOuterDisposeScope());
        }

        return cat(logits, 0);
    }

    private KeyValueCache Allocate(long rows, long capacity) =>
        new(model.Config.Text, model.Layers, rows, capacity, model.Type, model.Device);

    private void Decode(
        List<Row> rows, ref KeyValueCache cache, Tensor logits, GenerationSettings settings, CancellationToken cancel)
    {
        var active = rows;
        for (var step = 0; ; step++)
        {
            var chosen = TokenSampler.Choose(logits, settings, [.. active.Select(row => row.Uniform(step))]);
            for (var i = 0; i < chosen.Length; i++)
            {
                active[i].Ids.Add((int)chosen[i]);
                active[i].Finished = stops.Contains(chosen[i]);
                OnToken?.Invoke(active[i].Newest(step + 1 == settings.MaxNewTokens));
            }

            if (step + 1 == settings.MaxNewTokens || active.TrueForAll(row => row.Finished))
            {
                return;
            }

            cancel.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            if (active.Exists(row => row.Finished))
            {
                // Finished rows leave the batch, so that the rest does not pay for them.
                long[] kept = [.. active.Index().Where(row => !row.Item.Finished).Select(row => (long)row.Index)];
                cache = cache.Keep(kept);
                active = [.. kept.Select(i => active[(int)i])];
            }

            var ids = tensor(active.Select(row => (long)row.Ids[^1]).ToArray(), ScalarType.Int64, model.Device);
            var positions = tensor(active.Select(row => row.Position).ToArray(), ScalarType.Int64).view(1, -1, 1).expand(3, -1, -1);
            var hidden = NextToken.Run(model, model.EmbedIds(ids.unsqueeze(1)), model.RotaryAt(positions), cache);
            cache.Advance();
            logits.Dispose();
            logits = model.Unembed(hidden).squeeze(1).MoveToOuterDisposeScope(); // [B, V]
        }
    }

    private sealed class Row(GenerationRequest request, int index, int sample)
    {
        public int Request => index;

        public List<int> Ids { get; } = [];

        public bool Finished { get; set; }

        public GeneratedToken Newest(bool atLimit) => new(index, sample, Ids[^1], Finished || atLimit);

        // Rotary position of the newest token.
        public long Position => request.Prompt.Inputs.Length + Ids.Count - 1 + request.Prompt.Inputs.RopeDelta;

        public double Uniform(int step) => CounterRandom.Uniform(request.Settings.Seed, (ulong)sample, (ulong)step);
    }
}
