using System.Diagnostics;
using ActivationReplay.Decoding;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Generation;

/// <summary>A request to answer a prompt.</summary>
/// <param name="Prompt">The prompt, encoded by the model that answers.</param>
/// <param name="Intervention">The edits that are applied at prefill.</param>
/// <param name="Settings">The settings; the requests of a batch may differ in seeds and numbers of samples alone.</param>
public sealed record GenerationRequest(EncodedPrompt Prompt, Intervention Intervention, GenerationSettings Settings)
{
    /// <summary>
    /// The index of each sample, which decides its draws: the samples of a prompt can be made in several batches. Null numbers
    /// them from 0.
    /// </summary>
    public IReadOnlyList<int>? Indices { get; init; }

    /// <summary>
    /// What this model left of an earlier prompt that this one begins with, under edits that were the same up to there; null
    /// computes the whole prompt. Not owned.
    /// </summary>
    public KeptPrefix? Kept { get; init; }

    /// <summary>If set, takes over what is left of the prompt and each of its answers, by the answer's index.</summary>
    public Action<int, KeptPrefix>? Keep { get; init; }
}

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
/// <item>On the CPU in fp32 the order does not depend on the number of rows. A row has the same logits, bit for bit, and the same
/// tokens in any batch.</item>
/// <item>In other types and on other devices, the order may depend on the number of rows. Logits then differ by rounding, and a
/// token may differ where two logits are that close.</item>
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
    /// The requests differ in more than their seeds and samples, another model encoded a prompt, or the samples of a request have
    /// not an index each.
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

        Check(requests);
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var rows = requests.SelectMany((request, r) =>
            Enumerable.Range(0, request.Settings.Samples).Select(sample => new AnswerRow(request, r, sample, Until?.Begin()))).ToList();
        var watch = Stopwatch.StartNew();
        var longest = requests.Max(r => r.Prompt.Inputs.Length);
        using var cache = AnswerCache.Of(model, rows.Count, longest, settings.MaxNewTokens - 1);
        var logits = Prefill(requests, cache, cancel);
        var prefill = watch.Elapsed.TotalSeconds;
        Decode(rows, cache, logits, settings, cancel);
        Seconds = (prefill, watch.Elapsed.TotalSeconds - prefill);

        return [.. requests.Index().Select(request => (IReadOnlyList<GeneratedSequence>)
            [.. rows.Where(row => row.Request == request.Index).Select(row => new GeneratedSequence(row.Ids, row.Finished))])];
    }

    private void Check(IReadOnlyList<GenerationRequest> requests)
    {
        foreach (var (index, request) in requests.Index())
        {
            if (request.Indices is { } indices && indices.Count != request.Settings.Samples)
            {
                throw new ArgumentException(
                    $"Request {index} asks for {request.Settings.Samples} samples and gives {indices.Count} indices.", nameof(requests));
            }

            // Of a prompt that another model encoded the answer would look valid and would not be.
            if (!ReferenceEquals(request.Prompt.Model, model))
            {
                throw new ArgumentException(
                    $"Request {index}: another model than this generator's encoded the prompt. The model that answers encodes it: "
                    + "with a Preparation, take context.Encoded(prepared.Answerer) and a generator of that answerer.",
                    nameof(requests));
            }
        }
    }

    // Prefills each prompt and gives its keys and values to the batch; returns the logits [rows, V] of each row's first new token.
    private Tensor Prefill(IReadOnlyList<GenerationRequest> requests, AnswerCache batch, CancellationToken cancel)
    {
        var logits = new List<Tensor>();
        foreach (var request in requests)
        {
            using var scope = NewDisposeScope();
            var inputs = request.Prompt.Inputs;
            var prompt = batch.Begin(inputs.Length);
            var kept = request.Kept?.UsableFor(inputs.Ids, request.Intervention) ?? 0;
            if (kept > 0)
            {
                prompt.Begin(request.Kept!.Cache, kept);
            }

            using var edits = kept > 0 ? request.Intervention.From(kept) : null;
            var rest = inputs.Length - kept;
            var last = ForwardPass.Run(
                model,
                request.Prompt.Embedded.narrow(1, kept, rest),
                model.RotaryOf(inputs).Slice(kept, inputs.Length),
                prompt,
                edits ?? request.Intervention,
                model.Layers + 1,
                _ => cancel.ThrowIfCancellationRequested());
            prompt.Advance();
            batch.Add(request.Settings.Samples);
            var row = model.Unembed(last.narrow(1, rest - 1, 1)).squeeze(1); // [1, V]
            logits.Add(row.expand(request.Settings.Samples, -1).MoveToOuterDisposeScope());
        }

        return cat(logits, 0);
    }

    // Rows leave the batch, or the batch ends.
    private static void Keep(AnswerCache cache, IEnumerable<(int Index, AnswerRow Row)> rows)
    {
        foreach (var (index, row) in rows)
        {
            row.Keep(cache, index);
        }
    }

    private void Decode(
        List<AnswerRow> rows, AnswerCache cache, Tensor logits, GenerationSettings settings, CancellationToken cancel)
    {
        var active = rows;
        using var inputs = new StepInputs(model, settings);
        for (var step = 0; ; step++)
        {
            using var ids = TokenSampler.Choose(logits, settings, inputs.Uniforms(active, step));
            var chosen = ids.cpu().data<long>().ToArray(); // all that the host reads of a token
            for (var i = 0; i < chosen.Length; i++)
            {
                active[i].Add((int)chosen[i], stops.Contains(chosen[i]));
                OnToken?.Invoke(active[i].Newest(step + 1 == settings.MaxNewTokens));
            }

            if (step + 1 == settings.MaxNewTokens || active.TrueForAll(row => row.Finished))
            {
                Keep(cache, active.Index());
                return;
            }

            cancel.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var next = ids;
            if (active.Exists(row => row.Finished))
            {
                // Finished rows are removed from the batch.
                Keep(cache, active.Index().Where(row => row.Item.Finished));
                long[] kept = [.. active.Index().Where(row => !row.Item.Finished).Select(row => (long)row.Index)];
                cache.Keep(kept);
                active = [.. kept.Select(i => active[(int)i])];
                next = ids.index_select(0, tensor(kept, ScalarType.Int64).to(model.Device));
            }

            var hidden = cache.Next(model.EmbedIds(next.unsqueeze(1)), inputs.Rotary(active, step));
            logits.Dispose();
            logits = cache.Logits(hidden).MoveToOuterDisposeScope(); // [B, V]
        }
    }
}
