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
/// tokens in any batch. So answers to a prompt are computed once for as long as they have the same tokens.</item>
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
        var watch = Stopwatch.StartNew();
        using var cache = AnswerCache.Of(
            model, requests.Sum(r => r.Settings.Samples), requests.Max(r => r.Prompt.Inputs.Length), settings.MaxNewTokens - 1);
        var (answers, logits) = Prefill(requests, cache, cancel);
        var prefill = watch.Elapsed.TotalSeconds;
        Decode(answers, cache, logits, settings, cancel);
        Seconds = (prefill, watch.Elapsed.TotalSeconds - prefill);

        return [.. requests.Index().Select(request => (IReadOnlyList<GeneratedSequence>)
            [.. answers.Where(answer => answer.Request == request.Index).Select(answer => new GeneratedSequence(answer.Ids, answer.Finished))])];
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

    // Prefills each prompt and gives its keys and values to the batch; returns the answers and the logits [B, V] of each row's first new token.
    private (List<GrowingAnswer> Answers, Tensor Logits) Prefill(
        IReadOnlyList<GenerationRequest> requests, AnswerCache batch, CancellationToken cancel)
    {
        var answers = new List<GrowingAnswer>();
        var logits = new List<Tensor>();
        foreach (var (index, request) in requests.Index())
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
            var before = batch.Rows;
            answers.AddRange(batch.Add(request.Settings.Samples).Select((row, sample) => new GrowingAnswer(request, index, sample, row, Until?.Begin())));
            var first = model.Unembed(last.narrow(1, rest - 1, 1)).squeeze(1); // [1, V]
            logits.Add(first.expand(batch.Rows - before, -1).MoveToOuterDisposeScope());
        }

        return (answers, cat(logits, 0));
    }

    private void Decode(
        List<GrowingAnswer> answers, AnswerCache cache, Tensor logits, GenerationSettings settings, CancellationToken cancel)
    {
        var active = answers;
        using var inputs = new StepInputs(model, settings);
        for (var step = 0; ; step++)
        {
            var isLast = step + 1 == settings.MaxNewTokens;
            using var rows = Rows(active, cache);
            using var ids = TokenSampler.Choose(logits, settings, inputs.Uniforms(active, step), rows);
            var chosen = ids.cpu().data<long>().ToArray(); // all that the host reads of a token
            for (var i = 0; i < chosen.Length; i++)
            {
                active[i].Add((int)chosen[i], stops.Contains(chosen[i]));
                OnToken?.Invoke(active[i].Newest(isLast));
            }

            active.ForEach(answer => answer.Keep(cache, isLast));
            if (isLast || active.TrueForAll(answer => answer.Finished))
            {
                return;
            }

            cancel.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var firsts = Advance(active, cache);
            var next = firsts.Count == active.Count ? ids : ids.index_select(0, There([.. firsts.Select(first => (long)first.Index)]));
            active = active.FindAll(answer => !answer.Finished);
            var hidden = cache.Next(model.EmbedIds(next.unsqueeze(1)), inputs.Rotary([.. firsts.Select(first => first.Answer)], step));
            logits.Dispose();
            logits = cache.Logits(hidden).MoveToOuterDisposeScope(); // [B, V]
        }
    }

    // Gives the answers that go on their rows of the next step: those of a row that have the same new token stay in one. Returns the first
    // answer of each row, and its place among the active ones.
    private static List<(int Index, GrowingAnswer Answer)> Advance(List<GrowingAnswer> active, AnswerCache cache)
    {
        var rows = active.Index().Where(a => !a.Item.Finished).GroupBy(a => (a.Item.Row, a.Item.Ids[^1])).Select(own => own.ToList()).ToList();
        long[] kept = [.. rows.Select(own => (long)own[0].Item.Row)];
        if (kept.Length != cache.Rows || kept.Index().Any(row => row.Index != row.Item))
        {
            cache.Keep(kept);
        }

        foreach (var (row, own) in rows.Index())
        {
            own.ForEach(a => a.Item.Row = row);
        }

        return [.. rows.Select(own => own[0])];
    }

    // The row of each answer's logits; null where each has one of its own, in their order.
    private Tensor? Rows(List<GrowingAnswer> answers, AnswerCache cache) =>
        answers.Count == cache.Rows ? null : There([.. answers.Select(answer => (long)answer.Row)]);

    private Tensor There(long[] indices) => tensor(indices, ScalarType.Int64).to(model.Device);
}
