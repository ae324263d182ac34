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
    /// <param name="model">The model.</param>
    /// <param name="inputs">The prompt. Not owned.</param>
    /// <param name="earlier">
    /// The model's features of an earlier prompt that this one begins with, [n, D], of pictures alone, if they are there: the tower
    /// runs over the pictures that came since. Not owned.
    /// </param>
    public static EncodedPrompt Encode(QwenVlModel model, ModelInputs inputs, Tensor? earlier = null)
    {
        using var quiet = no_grad();
        var features = (earlier is null ? model.EncodeMedia(inputs) : Continued(model, inputs, earlier))?.DetachFromDisposeScope();
        return new EncodedPrompt(model, inputs, features, model.Embed(inputs, features).DetachFromDisposeScope());
    }

    private static Tensor Continued(QwenVlModel model, ModelInputs inputs, Tensor earlier)
    {
        using var scope = NewDisposeScope();
        var (pictures, tokens) = (0, 0L);
        for (; tokens < earlier.shape[0]; pictures++)
        {
            tokens += inputs.Spans[pictures].Count;
        }

        if (tokens != earlier.shape[0] || inputs.Spans.Any(s => s.IsVideo))
        {
            throw new ArgumentException("The features are not those of the first pictures of this prompt.", nameof(earlier));
        }

        if (pictures == inputs.Grids.Count)
        {
            return earlier.alias().MoveToOuterDisposeScope();
        }

        var patches = inputs.Grids.Take(pictures).Sum(g => (long)g.Count);
        var rest = inputs.Pixels!.narrow(0, patches, inputs.Pixels.shape[0] - patches);
        return cat([earlier, model.EncodePatches(rest, [.. inputs.Grids.Skip(pictures)])], 0).MoveToOuterDisposeScope();
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
