using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Recordings;

/// <summary>
/// One prompt with the models of a pair, and the work that methods share: each model encodes the prompt once and is recorded
/// once, for all methods and variants. A model may be absent if its recording is given.
/// </summary>
/// <param name="inputs">The prompt. Not owned.</param>
/// <param name="baseModel">M_b; null while it is not in memory. Not owned.</param>
/// <param name="rlvr">M_r; null while it is not in memory. Not owned.</param>
/// <param name="source">
/// Where the prompt comes from; needed for a prefill ratio below 1 and for jittered views, and says which question's random choices these are.
/// </param>
public sealed class ReplayContext(
    ModelInputs inputs, QwenVlModel? baseModel, QwenVlModel? rlvr, PromptSource? source = null) : IDisposable
{
    private readonly Dictionary<ModelRole, EncodedPrompt> encoded = [];
    private readonly Dictionary<(ModelRole Role, bool AllPositions, double Ratio), Recording> recordings = [];
    private readonly Dictionary<ModelRole, Tensor> earlier = [];

    /// <summary>The wall-clock seconds of the shared work.</summary>
    public SharedTimes Times { get; } = new();

    /// <summary>If set, called before each optimisation step with its index and the gradient, [learnable tokens, D].</summary>
    public Action<int, Tensor>? OnGradient { get; set; }

    /// <summary>Cancels what methods compute on this prompt, between forward passes and between optimisation steps.</summary>
    public CancellationToken Cancel { get; init; }

    /// <summary>The prompt. Not owned.</summary>
    public ModelInputs Inputs => inputs;

    /// <summary>The source of the prompt.</summary>
    /// <exception cref="InvalidOperationException">It was not given.</exception>
    public PromptSource Source => source ?? throw new InvalidOperationException(
        "This method sees the pictures in another form; give the context the prompt's source.");

    /// <summary>The seed of what a method chooses at random for this question; the seed itself where the source names no question.</summary>
    /// <param name="seed">The seed of the method's settings.</param>
    public ulong SeedOf(ulong seed) => source?.QuestionId is { } question ? QuestionSeed.OfChoices(seed, question) : seed;

    /// <summary>The model of a role. Not owned.</summary>
    /// <exception cref="InvalidOperationException">It was not given.</exception>
    public QwenVlModel Model(ModelRole role) => ModelOrNone(role)
        ?? throw new InvalidOperationException($"This method needs the {role} model, and it was not given.");

    /// <summary>The model of a role, or null if it was not given. Not owned.</summary>
    public QwenVlModel? ModelOrNone(ModelRole role) => role == ModelRole.Base ? baseModel : rlvr;

    /// <summary>The prompt, encoded by a model; the vision tower runs on the first call for each model.</summary>
    /// <exception cref="OperationCanceledException"><see cref="Cancel"/> was cancelled.</exception>
    public EncodedPrompt Encoded(ModelRole role)
    {
        if (!encoded.TryGetValue(role, out var prompt))
        {
            Cancel.ThrowIfCancellationRequested();
            encoded[role] = prompt = Times.Encode(role, () => EncodedPrompt.Encode(Model(role), inputs, earlier.GetValueOrDefault(role)));
        }

        Times.Use(role);
        return prompt;
    }

    /// <summary>
    /// Takes the visual features of an earlier prompt of the same conversation, of pictures alone, so that the vision tower runs
    /// over the pictures that came since.
    /// </summary>
    /// <param name="before">The earlier prompt with the same models. It may be disposed then.</param>
    public void Follow(ReplayContext before)
    {
        foreach (var role in Enum.GetValues<ModelRole>())
        {
            if ((before.encoded.GetValueOrDefault(role)?.Features ?? before.earlier.GetValueOrDefault(role)) is { } features)
            {
                KeepFeatures(role, features);
            }
        }
    }

    /// <summary>
    /// Puts one model in the other's place: what the other encoded is freed, its recordings stay. For a pair of which one model
    /// is in memory at a time.
    /// </summary>
    /// <param name="role">Which model is there now.</param>
    /// <param name="model">The model. Not owned.</param>
    public void Exchange(ModelRole role, QwenVlModel model)
    {
        (baseModel, rlvr) = role == ModelRole.Base ? (model, null) : ((QwenVlModel?)null, model);
        foreach (var gone in encoded.Keys.Where(r => r != role).ToList())
        {
            if (encoded[gone].Features is { } features && !inputs.Spans.Any(s => s.IsVideo))
            {
                KeepFeatures(gone, features);
            }

            encoded[gone].Dispose();
            encoded.Remove(gone);
        }
    }

    /// <summary>Gives a recording, for example one from disk, which is then used instead of a new one. It becomes owned.</summary>
    public void Use(ModelRole role, Recording recording, double prefillRatio = 1)
    {
        var all = recording.Positions.Count == inputs.Length;
        Put((role, all, prefillRatio), recording);
    }

    /// <summary>
    /// Makes the recordings that several methods need, one per model and ratio, with the most layers and positions of any.
    /// </summary>
    /// <param name="needs">What the methods need.</param>
    /// <param name="keepTargets">Whether the targets are taken, too, and kept with the recording, so that the model may be freed.</param>
    public void Record(IEnumerable<RecordingNeed> needs, bool keepTargets = false)
    {
        foreach (var need in needs.GroupBy(n => (n.Role, n.PrefillRatio)))
        {
            var all = need.Any(n => n.AllPositions);
            if (!all && inputs.VisualPositions.Count == 0)
            {
                continue;
            }

            var recording = Recorded(need.Key.Role, need.Max(n => n.Layers), all, need.Key.PrefillRatio);
            if (keepTargets)
            {
                recording.KeepsTokens = true;
                using var scope = NewDisposeScope();
                foreach (var take in need.Select(n => n.Targets).OfType<Action<Recording, QwenVlModel, ReplayContext>>())
                {
                    take(recording, Model(need.Key.Role), this);
                }
            }
        }
    }

    /// <summary>The recordings that are held. Not to be disposed.</summary>
    public IEnumerable<(ModelRole Role, bool AllPositions, double PrefillRatio, Recording Recording)> Held =>
        recordings.Select(r => (r.Key.Role, r.Key.AllPositions, r.Key.Ratio, r.Value));

    /// <summary>
    /// A recording of at least <paramref name="layers"/> states: an earlier one if it has enough, else a new one.
    /// </summary>
    /// <param name="role">The model that is recorded.</param>
    /// <param name="layers">The number of states from the first, 1 to L+1.</param>
    /// <param name="allPositions">Whether all positions are needed, or the visual ones only.</param>
    /// <param name="prefillRatio">
    /// The factor by which the sides of the pictures are scaled; below 1 only visual positions are recorded.
    /// </param>
    public Recording Recorded(ModelRole role, int layers, bool allPositions = false, double prefillRatio = 1)
    {
        // A recording of all positions contains the visual ones.
        foreach (var all in new[] { allPositions, true })
        {
            if (recordings.TryGetValue((role, all, prefillRatio), out var held) && held.Layers >= layers)
            {
                return Times.Use(held);
            }
        }

        Cancel.ThrowIfCancellationRequested();
        var made = Times.Record(() => prefillRatio == 1
            ? Recording.Record(Encoded(role), layers, allPositions)
            : RecordSmall(role, layers, prefillRatio));
        return Times.Use(Put((role, allPositions, prefillRatio), made));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var prompt in encoded.Values)
        {
            prompt.Dispose();
        }

        foreach (var recording in recordings.Values)
        {
            recording.Dispose();
        }

        foreach (var features in earlier.Values)
        {
            features.Dispose();
        }
    }

    private void KeepFeatures(ModelRole role, Tensor features)
    {
        if (earlier.Remove(role, out var old))
        {
            old.Dispose();
        }

        earlier[role] = features.alias().DetachFromDisposeScope();
    }

    private Recording Put((ModelRole Role, bool AllPositions, double Ratio) key, Recording recording)
    {
        if (recordings.Remove(key, out var old))
        {
            old.Dispose();
        }

        return recordings[key] = recording;
    }

    private Recording RecordSmall(ModelRole role, int layers, double ratio)
    {
        using var small = Source.Prepare(ratio);
        using var prompt = EncodedPrompt.Encode(Model(role), small);
        return Recording.RecordUpsampled(prompt, inputs, layers);
    }
}
