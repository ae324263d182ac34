using ActivationReplay.Checkpoints;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>
/// The final norm and the head of a model without the rest of it, V · D + D weights: logits can be read from recorded states when
/// the model is gone.
/// </summary>
public sealed class OutputHead : IDisposable
{
    private readonly RmsNorm norm;
    private readonly Linear head;

    /// <summary>Reads norm and head alone from a checkpoint.</summary>
    /// <exception cref="CheckpointException">A weight is missing or has another shape.</exception>
    public OutputHead(Checkpoint checkpoint)
    {
        var text = checkpoint.Config.Text;
        VocabularySize = text.VocabularySize;
        norm = new RmsNorm(checkpoint, "model.norm", text.HiddenSize, text.RmsNormEpsilon);
        head = new Linear(checkpoint, "lm_head", text.HiddenSize, text.VocabularySize, hasBias: false)
        {
            Backend = Backend.For(checkpoint.Device, checkpoint.Type),
        };
        norm.Backend = head.Backend;
    }

    /// <summary>V.</summary>
    public int VocabularySize { get; }

    /// <summary>The logits [..., V] of states leaving a layer, [..., D].</summary>
    public Tensor Unembed(Tensor hidden) => head.Forward(norm.Forward(hidden));

    /// <inheritdoc/>
    public void Dispose()
    {
        norm.Dispose();
        head.Dispose();
    }
}
