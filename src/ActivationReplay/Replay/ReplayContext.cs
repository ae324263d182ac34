using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Replay;

/// <summary>
/// One prompt and the pair's models, with what methods share: each model encodes the prompt once and is recorded once,
/// however many variants ask.
/// </summary>
public sealed class ReplayContext(ModelInputs inputs, QwenVlModel baseModel, QwenVlModel rlvr) : IDisposable
{
    private readonly Dictionary<ModelRole, EncodedPrompt> encoded = [];
    private readonly Dictionary<(ModelRole Role, bool AllPositions), Recording> recordings = [];

    /// <summary>Sees the gradient [learnable tokens, D] of each optimisation step before it is taken, if set.</summary>
    public Action<int, Tensor>? OnGradient { get; set; }

    /// <summary>The prompt. Not owned.</summary>
    public ModelInputs Inputs => inputs;

    /// <summary>The model of a role. Not owned.</summary>
    public QwenVlModel Model(ModelRole role) => role == ModelRole.Base ? baseModel : rlvr;

    /// <summary>The prompt as a model encodes it: one pass of the vision tower a model.</summary>
    public EncodedPrompt Encoded(ModelRole role)
    {
        if (!encoded.TryGetValue(role, out var prompt))
        {
            encoded[role] = prompt = EncodedPrompt.Encode(Model(role), inputs);
        }

        return prompt;
    }

    /// <summary>A recording of at least <paramref name="layers"/> states; an earlier one is given again if it has them.</summary>
    public Recording Recorded(ModelRole role, int layers, bool allPositions = false)
    {
        if (recordings.TryGetValue((role, allPositions), out var recording) && recording.Layers >= layers)
        {
            return recording;
        }

        recording?.Dispose();
        return recordings[(role, allPositions)] = Recording.Record(Encoded(role), layers, allPositions);
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
}
