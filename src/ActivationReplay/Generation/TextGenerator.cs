using System.Diagnostics;
using ActivationReplay.Decoding;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Generation;

/// <summary>A request to answer a prompt.</summary>
/// <param name="Prompt">The prompt, encoded by the model that answers.</param>
/// <param name="Intervention">The edits that are applied at prefill.</param>
/// <param name="Settings">The settings; the requests of a batch may differ in seeds and numbers of samples alone.</param>
public sealed record GenerationRequest(EncodedPrompt Prompt, Intervention Intervention, GenerationSettings Settings);

/// <summary>A token that was just chosen.</summary>
/// <param name="Request">The request's index in its batch.</param>
/// <param name="Sequence">The sequence's index among the request's samples.</param>
/// <param name="Id">The token's id.</param>
/// <param name="IsLast">Whether the sequence ends here: the token is a stop token, or the limit is reached.</param>
public readonly record struct GeneratedToken(int Request, int Sequence, int Id, bool IsLast);

/// <summary>Batched generation with a KV cache.</summary>
/// <remarks>
/// Each prompt is prefilled alone, draws depend on seed, sample and step, and a row attends to its own tokens. The batch can
/// change a result in one way only, by the order in which the matrix products of new tokens are summed:
/// <list type="bullet">
/// <item>On the CPU in fp32, in batches of up to 64 rows, the order does not depend on the number of rows. A row has the same
/// logits, bit for bit, and the same tokens in any such batch.</item>
/// <item>In larger batches, other types and on other devices, the order may depend on the number of rows. Logits then differ by
/// rounding, and a token may differ where two logits are that close.</item>
/// </list>
/// For the same results from every run, form batches by content alone, not by what is left to compute.
/// </remarks>
public sealed class TextGenerator(QwenVlModel model, IReadOnlyList<int> stopIds)
{
    private readonly HashSet<long> stops = [.. stopIds.Select(id => (long)id)];

    /// <summary>Wall-clock seconds of the last call: of prefill, and of choosing and decoding tokens.</summary>
    public (double Prefill, double Decode) Seconds { get; private set; }

    /// <summary>
    /// If set, called for each token when it is chosen, on the generating thread; within a step, for every unfinished sequence of
    /// the batch. An exception that it throws ends the generation.
    /// </summary>
    public Action<GeneratedToken>? OnToken { get; init; }

    /// <summary>If set, a text that ends a sequence beside the stop tokens.</summary>
    public StopText? Until { get; init; }

    /// <summary>Answers one prompt.</summary>
    /// <inheritdoc cref="Generate(IReadOnlyList{GenerationRequest}, CancellationToken)"/>
    public IReadOnlyList<GeneratedSequence> Generate(GenerationRequest request, CancellationToken cancel = default) =>
        Generate([request], cancel)[0];

    /// <summary>Answers several prompts in one batch.</summary>
    /// <param name="requests">The requests.</param>
    /// <param name="cancel">Cancels the call, within one layer of prefill or one step of decoding.</param>
    /// <returns>For each request its answers, as many as its settings ask for.</returns>
    /// <exception cref="ArgumentException">
    /// The requests differ in more than their seeds and samples, or another model encoded a prompt.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was cancelled.</exception>
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
            Enumerable.Range(0, request.Settings.Samples).Select(sample => new Row(request, r, sample, Until?.Begin()))).ToList();
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

    // A prompt encoded by another model would give an answer that looks valid and is not.
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

    // Prefills each prompt and copies its cache into the batch's, padded on the left to the longest; returns the logits [rows, V]
    // of each row's first new token.
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
                active[i].Add((int)chosen[i], stops.Contains(chosen[i]));
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
                // Finished rows are removed from the batch.
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

    private sealed class Row(GenerationRequest request, int index, int sample, StopText.Watch? until)
    {
        public int Request => index;

        public List<int> Ids { get; } = [];

        public bool Finished { get; private set; }

        public void Add(int id, bool isStop)
        {
            Ids.Add(id);
            Finished = isStop || until?.StopsAt(id) == true;
        }

        public GeneratedToken Newest(bool atLimit) => new(index, sample, Ids[^1], Finished || atLimit);

        // The rotary position of the newest token.
        public long Position => request.Prompt.Inputs.Length + Ids.Count - 1 + request.Prompt.Inputs.RopeDelta;

        public double Uniform(int step) => CounterRandom.Uniform(request.Settings.Seed, (ulong)sample, (ulong)step);
    }
}
