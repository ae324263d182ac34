using ActivationReplay.Inputs;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Recordings;

/// <summary>
/// One prompt and the pair's models, with what methods share: each model encodes the prompt once and is recorded once,
/// however many variants ask. A model may be absent where a recording on disk stands for it.
/// </summary>
/// <param name="inputs">The prompt. Not owned.</param>
/// <param name="baseModel">M_b; null while it is not in memory. Not owned.</param>
/// <param name="rlvr">M_r; null while it is not in memory. Not owned.</param>
/// <param name="source">Where the prompt comes from; needed for a prefill ratio below 1 and for jittered views.</param>
public sealed class ReplayContext(
    ModelInputs inputs, QwenVlModel? baseModel, QwenVlModel? rlvr, PromptSource? source = null) : IDisposable
{
    private readonly Dictionary<ModelRole, EncodedPrompt> encoded = [];
    private readonly Dictionary<(ModelRole Role, bool AllPositions, double Ratio), Recording> recordings = [];

    /// <summary>What the shared work took.</summary>
    public SharedTimes Times { get; } = new();

    /// <summary>Sees the gradient [learnable tokens, D] of each optimisation step before it is taken, if set.</summary>
    public Action<int, Tensor>? OnGradient { get; set; }

    /// <summary>Gives up what methods prepare on this prompt, between passes and optimisation steps.</summary>
    public CancellationToken Cancel { get; init; }

    /// <summary>The prompt. Not owned.</summary>
    public ModelInputs Inputs => inputs;

    /// <summary>Where the prompt comes from.</summary>
    /// <exception cref="InvalidOperationException">It was not given.</exception>
    public PromptSource Source => source ?? throw new InvalidOperationException(
        "This method sees the pictures in another form; give the context the prompt's source.");

    /// <summary>The model of a role. Not owned.</summary>
    /// <exception cref="InvalidOperationException">It was not given.</exception>
    public QwenVlModel Model(ModelRole role) => ModelOrNone(role)
        ?? throw new InvalidOperationException($"This method needs the {role} model, and it was not given.");

    /// <summary>The model of a role, or null. Not owned.</summary>
    public QwenVlModel? ModelOrNone(ModelRole role) => role == ModelRole.Base ? baseModel : rlvr;

    /// <summary>The prompt as a model encodes it: one pass of the vision tower a model.</summary>
    /// <exception cref="OperationCanceledException">Given up.</exception>
    public EncodedPrompt Encoded(ModelRole role)
    {
        if (!encoded.TryGetValue(role, out var prompt))
        {
            Cancel.ThrowIfCancellationRequested();
            encoded[role] = prompt = Times.Encode(role, () => EncodedPrompt.Encode(Model(role), inputs));
        }

        Times.Use(role);
        return prompt;
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
            encoded[gone].Dispose();
            encoded.Remove(gone);
        }
    }

    /// <summary>Puts a recording, from disk say, in the place of one that would be made. Owned from here on.</summary>
    public void Use(ModelRole role, Recording recording, double prefillRatio = 1)
    {
        var all = recording.Positions.Count == inputs.Length;
        Put((role, all, prefillRatio), recording);
    }

    /// <summary>Makes the recordings that several cells take, each once: the most layers and positions that any of them needs.</summary>
    /// <param name="needs">What the cells need.</param>
    /// <param name="keepTargets">Takes the targets, too, and keeps them with the recording: the recorded model may go then.</param>
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
                foreach (var take in need.Select(n => n.Targets).OfType<Action<Recording, QwenVlModel, ModelInputs>>())
                {
                    take(recording, Model(need.Key.Role), inputs);
                }
            }
        }
    }

    /// <summary>The recordings that are held. Not to be disposed.</summary>
    public IEnumerable<(ModelRole Role, bool AllPositions, double PrefillRatio, Recording Recording)> Held =>
        recordings.Select(r => (r.Key.Role, r.Key.AllPositions, r.Key.Ratio, r.Value));

    /// <summary>A recording of at least <paramref name="layers"/> states; an earlier one is given again if it has them.</summary>
    /// <param name="role">Whose.</param>
    /// <param name="layers">1 to L+1.</param>
    /// <param name="allPositions">Every position, not the visual ones alone.</param>
    /// <param name="prefillRatio">Share of the pictures' sides that the model sees; below 1 visual positions alone.</param>
    public Recording Recorded(ModelRole role, int layers, bool allPositions = false, double prefillRatio = 1)
    {
        // A recording of every position serves those who need the visual ones, too.
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
