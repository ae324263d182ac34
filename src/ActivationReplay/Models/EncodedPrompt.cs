using ActivationReplay.Inputs;
using static TorchSharp.torch;

namespace ActivationReplay.Models;

/// <summary>A prompt encoded by one model: visual features and embeddings, computed once and used by all that follows.</summary>
public sealed class EncodedPrompt : IDisposable
{
    private EncodedPrompt(QwenVlModel model, ModelInputs inputs, Tensor? features, Tensor embedded)
    {
        Model = model;
        Inputs = inputs;
        Features = features;
        Embedded = embedded;
    }

    /// <summary>Runs the vision tower and inserts its features into the embeddings.</summary>
    public static EncodedPrompt Encode(QwenVlModel model, ModelInputs inputs)
    {
        using var quiet = no_grad();
        var features = model.EncodeMedia(inputs)?.DetachFromDisposeScope();
        return new EncodedPrompt(model, inputs, features, model.Embed(inputs, features).DetachFromDisposeScope());
    }

    /// <summary>The model that encoded the prompt. Not owned.</summary>
    public QwenVlModel Model { get; }

    /// <summary>The prompt. Not owned.</summary>
    public ModelInputs Inputs { get; }

    /// <summary>The visual features in prompt order, [N, D]; null for a prompt without media.</summary>
    public Tensor? Features { get; }

    /// <summary>h⁰, the embeddings with visual features inserted, [1, T, D].</summary>
    public Tensor Embedded { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Features?.Dispose();
        Embedded.Dispose();
    }
}
