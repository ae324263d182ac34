using ActivationReplay.Inputs;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Replay.Recordings;

/// <summary>
/// One prompt with the models of a pair, and the work that methods share: each model encodes the prompt once and is recorded
/// once, for all methods and variants. A model may be absent if its recording is given.
/// </summary>
/// <param name="inputs">The prompt. Not owned.</param>
/// <param name="baseModel">M_b; null if its recording is given and it does not answer. Not owned.</param>
/// <param name="rlvr">M_r. Not owned.</param>
/// <param name="source">The source of the prompt; needed for a prefill ratio below 1 and for jittered views.</param>
public sealed class ReplayContext(
    ModelInputs inputs, QwenVlModel? baseModel, QwenVlModel? rlvr, PromptSource? source = null) : IDisposable
{
    private readonly Dictionary<ModelRole, EncodedPrompt> encoded = [];
    private readonly Dictionary<(ModelRole Role, bool AllPositions, double Ratio), Recording> recordings = [];

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
            encoded[role] = prompt = Times.Encode(role, () => EncodedPrompt.Encode(Model(role), inputs));
        }

        Times.Use(role);
        return prompt;
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
    public void Record(IEnumerable<RecordingNeed> needs)
    {
        foreach (var need in needs.GroupBy(n => (n.Role, n.PrefillRatio)))
        {
            var all = need.Any(n => n.AllPositions);
            if (all || inputs.VisualPositions.Count > 0)
            {
                Recorded(need.Key.Role, need.Max(n => n.Layers), all, need.Key.PrefillRatio);
            }
        }
    }

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
