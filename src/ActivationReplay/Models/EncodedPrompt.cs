using ActivationReplay.Inputs;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>A prompt as one model sees it: visual features and embeddings, computed once and shared by all that follows.</summary>
public sealed class EncodedPrompt : IDisposable
{
    private EncodedPrompt(QwenVlModel model, ModelInputs inputs, Tensor? features, Tensor embedded)
    {
        Model = model;
        Inputs = inputs;
        Features = features;
        Embedded = embedded;
    }

    /// <summary>Runs the vision tower once and puts its features among the embeddings.</summary>
    public static EncodedPrompt Encode(QwenVlModel model, ModelInputs inputs)
    {
        using var quiet = no_grad();
        var features = model.EncodeMedia(inputs)?.DetachFromDisposeScope();
        return new EncodedPrompt(model, inputs, features, model.Embed(inputs, features).DetachFromDisposeScope());
    }

    /// <summary>The model.</summary>
    public QwenVlModel Model { get; }

    /// <summary>The prompt. Not owned.</summary>
    public ModelInputs Inputs { get; }

    /// <summary>Visual features [N, D] in prompt order; null without media.</summary>
    public Tensor? Features { get; }

    /// <summary>h⁰ [1, T, D].</summary>
    public Tensor Embedded { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Features?.Dispose();
        Embedded.Dispose();
    }
}
