using ActivationReplay.Checkpoints;
using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Lens;
using ActivationReplay.Models;
using ActivationReplay.Replay.Recordings;
using TorchSharp;
using static TorchSharp.torch;

namespace ActivationReplay.Ablations.Parity;

/// <summary>One case folder: preprocessing, both models, greedy answers, then the replay variants.</summary>
internal sealed class CaseParity : IDisposable
{
    private const int RecordedLogits = 8;
    private readonly string folder;
    private readonly ReplayPair pair;
    private readonly CaseFile file;
    private readonly SafetensorsFile? expected;
    private readonly List<ParityRow> rows = [];
    private readonly DisposeScope scope;

    public CaseParity(string folder, ReplayPair pair, CaseFile file)
    {
        this.folder = folder;
        this.pair = pair;
        this.file = file;
        Name = Path.GetFileName(folder);
        var path = Path.Combine(folder, "expected.safetensors");
        expected = File.Exists(path) ? SafetensorsFile.Open(path) : null;
        scope = NewDisposeScope();
    }

    public string Name { get; }

    /// <summary>The computed tensors, under the names of the recorded ones.</summary>
    public Dictionary<string, Tensor> Computed { get; } = [];

    /// <summary>The computed tensors of replay variants, under VARIANT.quantity.</summary>
    public Dictionary<string, Tensor> ComputedReplay { get; } = [];

    /// <summary>The content of computed.json.</summary>
    public ComputedFile Answers { get; } = new();

    public IReadOnlyList<ParityRow> Run()
    {
        var conversation = file.Conversation(folder);
        var prompt = pair.Processor.Template.Render(conversation);
        Answers.Prompt = prompt;
        if (file.Prompt is not null)
        {
            rows.Add(ParityRow.Exact(Name, "prompt", prompt == file.Prompt ? 0 : 1, 1));
        }

        var limits = new PixelLimits(file.MinPixels, file.MaxPixels);
        using var inputs = pair.Processor.Prepare(conversation, limits);
        CompareInputs(inputs);
        using var given = WithRecordedPixels(inputs);
        using var context = pair.Context(given, new PromptSource(pair.Processor, conversation, limits));
        foreach (var role in Enum.GetValues<ModelRole>())
        {
            CompareModel(role, context);
        }

        CompareKl();
        RunVariants(context);
        return rows;
    }

    private void CompareInputs(ModelInputs inputs)
    {
        long[] ids = [.. inputs.Ids.Select(i => (long)i)];
        Exact("input_ids", tensor(ids));
        Exact("position_ids", stack([.. inputs.Positions.Select(axis => tensor(axis))]));
        if (file.RopeDelta is { } delta)
        {
            rows.Add(ParityRow.Exact(Name, "rope_delta", inputs.RopeDelta == delta ? 0 : 1, 1));
        }

        var firstVideo = inputs.Spans.Count(s => !s.IsVideo);
        var patches = inputs.Grids.Select(g => (long)g.T * g.H * g.W).ToArray();
        var picturePatches = patches.Take(firstVideo).Sum();
        Media("image_grid_thw", "pixel_values", 0, firstVideo, 0, picturePatches);
        Media("video_grid_thw", "pixel_values_videos", firstVideo, inputs.Grids.Count, picturePatches, patches.Sum());

        void Media(string gridName, string pixelName, int first, int last, long firstPatch, long lastPatch)
        {
            if (first == last)
            {
                return;
            }

            var grids = inputs.Grids.Skip(first).Take(last - first).SelectMany(g => new long[] { g.T, g.H, g.W }).ToArray();
            Exact(gridName, tensor(grids).view(-1, 3));
            Pixels(pixelName, inputs.Pixels!.slice(0, firstPatch, lastPatch, 1));
        }
    }

    // Errors in units of 1: what the normalisation divided by is multiplied back.
    private void Pixels(string name, Tensor pixels)
    {
        Computed[name] = pixels;
        if (Recorded(name) is not { } recorded)
        {
            return;
        }

        var config = pair.Processor.Images.Config;
        var channel = config.TemporalPatchSize * config.PatchSize * config.PatchSize;
        var deviation = tensor(config.Std.SelectMany(s => Enumerable.Repeat(s, channel)).ToArray());
        var (a, b) = (pixels * deviation, recorded * deviation);
        var lossless = !file.Messages.SelectMany(m => m.Content).SelectMany(c => c.Video ?? (c.Image is { } i ? [i] : []))
            .Any(f => Path.GetExtension(f).ToUpperInvariant() is ".JPG" or ".JPEG");
        if (lossless)
        {
            Row(name, TensorErrors.Largest(a, b), ParityLimits.Pixel + ParityLimits.ByteRounding);
        }
        else
        {
            Row($"{name} (99%)", TensorErrors.Quantile(a, b, 0.99), ParityLimits.JpegPixel + ParityLimits.ByteRounding);
            Row($"{name} (all)", TensorErrors.Largest(a, b), ParityLimits.JpegPixelLargest + ParityLimits.ByteRounding);
        }
    }

    private ModelInputs WithRecordedPixels(ModelInputs inputs)
    {
        Tensor[] recorded = [.. new[] { "pixel_values", "pixel_values_videos" }.Select(Recorded).OfType<Tensor>()];
        var pixels = recorded.Length > 0 ? cat(recorded, 0) : inputs.Pixels?.alias();
        return new ModelInputs(inputs.Ids, pixels, inputs.Grids, inputs.Spans, inputs.Positions);
    }

    private void CompareModel(ModelRole role, ReplayContext context)
    {
        var name = Key(role);
        var encoded = context.Encoded(role);
        if (encoded.Features is not null)
        {
            Relative($"{name}.visual_features", encoded.Features.alias());
        }

        var states = ForwardPass.HiddenStates(encoded.Model, encoded.Embedded, context.Inputs);
        Relative($"{name}.hidden_states", states);
        var length = context.Inputs.Length;
        var last = states[^1].narrow(0, Math.Max(0, length - RecordedLogits), Math.Min(length, RecordedLogits));
        using (no_grad())
        {
            Relative($"{name}.logits", encoded.Model.Unembed(last));
        }

        Nats($"{name}.lens_entropy", new LogitLens(encoded.Model).Entropy(states.view(-1, states.shape[2])).view(-1, length));
        var answer = Answer(role, encoded, Intervention.None);
        Answers.Models[name] = new CaseAnswer
        {
            GreedyIds = answer,
            GreedyText = pair.Processor.Tokenizer.Decode(answer),
        };
        if (file.Models is not null && file.Models.TryGetValue(name, out var recorded))
        {
            CompareAnswer(name, Answers.Models[name], recorded);
        }
    }

    private void CompareAnswer(string name, CaseAnswer computed, CaseAnswer recorded)
    {
        if (recorded.SmallestMargin is { } margin && margin <= ParityLimits.GreedyMargin)
        {
            return;
        }

        if (recorded.GreedyIds is { } ids)
        {
            var (mismatches, count) = TensorErrors.Mismatches(computed.GreedyIds!, ids);
            rows.Add(ParityRow.Exact(Name, $"{name}.greedy_ids", mismatches, count));
        }

        if (recorded.GreedyText is { } text)
        {
            rows.Add(ParityRow.Exact(Name, $"{name}.greedy_text", computed.GreedyText == text ? 0 : 1, 1));
        }
    }

    private void CompareKl()
    {
        var (b, r) = (Computed["base.hidden_states"], Computed["rlvr.hidden_states"]);
        var kl = new LogitLens(pair.Model(ModelRole.Base)).KlDivergence(
            b.view(-1, b.shape[2]), new LogitLens(pair.Model(ModelRole.Rlvr)), r.view(-1, r.shape[2]));
        Nats("lens_kl", kl.view(b.shape[0], -1));
    }

    private void RunVariants(ReplayContext context)
    {
        var path = Path.Combine(folder, "replay.json");
        if (!File.Exists(path))
        {
            return;
        }

        var tensors = Path.Combine(folder, "replay.safetensors");
        using var recorded = File.Exists(tensors) ? SafetensorsFile.Open(tensors) : null;
        foreach (var (variant, settings) in ParityJson.Read<Dictionary<string, VariantFile>>(path))
        {
            var run = new VariantParity(this, variant, settings, recorded);
            rows.AddRange(run.Run(context));
        }
    }

    /// <summary>Greedy ids with an intervention, as many at most as recordings have.</summary>
    public IReadOnlyList<int> Answer(ModelRole role, EncodedPrompt prompt, Intervention intervention)
    {
        var limit = file.Pair.StartsWith("trained", StringComparison.Ordinal) ? 48 : 24;
        var settings = new GenerationSettings { MaxNewTokens = limit };
        return pair.Generator(role).Generate(new GenerationRequest(prompt, intervention, settings))[0].Ids;
    }

    public string Decode(IReadOnlyList<int> ids) => pair.Processor.Tokenizer.Decode(ids);

    public static string Key(ModelRole role) => role == ModelRole.Base ? "base" : "rlvr";

    private Tensor? Recorded(string name) => expected?.Entries.ContainsKey(name) == true ? expected.Read(name) : null;

    private void Exact(string name, Tensor computed)
    {
        Computed[name] = computed;
        if (Recorded(name) is { } recorded)
        {
            var (mismatches, count) = TensorErrors.Mismatches(
                computed.to_type(ScalarType.Int64).data<long>().ToArray(), recorded.to_type(ScalarType.Int64).data<long>().ToArray());
            rows.Add(ParityRow.Exact(Name, name, mismatches, count));
        }
    }

    private void Relative(string name, Tensor computed) => Compare(name, computed, TensorErrors.Relative, ParityLimits.Tensor);

    private void Nats(string name, Tensor computed) => Compare(name, computed, TensorErrors.Largest, ParityLimits.Nats);

    private void Compare(string name, Tensor computed, Func<Tensor, Tensor, double> error, double limit)
    {
        Computed[name] = computed;
        if (Recorded(name) is { } recorded)
        {
            Row(name, error(computed, recorded), limit);
        }
    }

    private void Row(string quantity, double error, double limit) => rows.Add(ParityRow.Of(Name, quantity, error, limit));

    public void Dispose()
    {
        scope.Dispose();
        expected?.Dispose();
    }
}

/// <summary><c>computed.json</c> of a dump.</summary>
internal sealed class ComputedFile
{
    public string? Prompt { get; set; }

    public Dictionary<string, CaseAnswer> Models { get; } = [];

    public Dictionary<string, ComputedVariant> Replay { get; } = [];
}

internal sealed record ComputedVariant(IReadOnlyList<double>? Losses, IReadOnlyList<int>? GreedyIds, string? GreedyText);
