using ActivationReplay.Checkpoints;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>
/// The final norm and the head of a model, in memory of their own: logits can be read from recorded states when the model is gone.
/// It is V · D + D weights, a tenth of a small model.
/// </summary>
public sealed class OutputHead : IDisposable
{
    private readonly Copies copies;
    private readonly RmsNorm norm;
    private readonly Linear head;

    /// <summary>Copies a model's norm and head.</summary>
    public OutputHead(QwenVlModel model)
    {
        var text = model.Config.Text;
        VocabularySize = text.VocabularySize;
        copies = new Copies(model);
        norm = new RmsNorm(copies, Copies.Norm, text.HiddenSize, text.RmsNormEpsilon);
        head = new Linear(copies, Copies.Head, text.HiddenSize, text.VocabularySize, hasBias: false) { Backend = model.OwnBackend };
    }

    /// <summary>V.</summary>
    public int VocabularySize { get; }

    /// <summary>Logits [..., V] of states leaving a layer, [..., D].</summary>
    public Tensor Unembed(Tensor hidden) => head.Forward(norm.Forward(hidden));

    /// <inheritdoc/>
    public void Dispose()
    {
        norm.Dispose();
        head.Dispose();
        copies.Dispose();
    }

    private sealed class Copies : IWeights, IDisposable
    {
        public const string Norm = "norm";
        public const string Head = "head";
        private readonly Dictionary<string, Tensor> byKey;

        public Copies(QwenVlModel model)
        {
            using var quiet = no_grad();
            byKey = new()
            {
                [$"{Norm}.weight"] = model.FinalNorm.Weight.clone().DetachFromDisposeScope(),
                [$"{Head}.weight"] = model.HeadWeight.clone().DetachFromDisposeScope(),
            };
        }

        public Tensor Get(string key, params ReadOnlySpan<long> shape) => byKey[key];

        public void Dispose()
        {
            foreach (var tensor in byKey.Values)
            {
                tensor.Dispose();
            }
        }
    }
}
