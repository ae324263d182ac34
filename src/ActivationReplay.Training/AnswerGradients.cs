using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Native;
using static TorchSharp.torch;

namespace ActivationReplay.Training;

/// <summary>The loss of one given answer, and its gradient with respect to every weight, the vision tower included.</summary>
/// <param name="Ids">Prompt and answer, int64 [T].</param>
/// <param name="Labels">The token ids at positions of the answer, −100 elsewhere, int64 [T].</param>
/// <param name="Loss">Cross-entropy averaged over the answer's tokens, nats.</param>
/// <param name="Gradients">The gradients by the keys of the weights, each in the shape of its weight.</param>
public sealed record AnswerGradients(
    Tensor Ids, Tensor Labels, double Loss, IReadOnlyDictionary<string, Tensor> Gradients) : IDisposable
{
    private const long Ignored = -100;

    /// <summary>Runs a forward and a backward pass over <paramref name="prompt"/> followed by <paramref name="answer"/>.</summary>
    /// <param name="model">An fp32 model; its gradients are switched off again afterwards.</param>
    /// <param name="processor">Its processor.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="answer">The text of the answer, with its end token.</param>
    public static AnswerGradients Compute(QwenVlModel model, Processor processor, ModelInputs prompt, string answer)
    {
        using var scope = NewDisposeScope();
        using var inputs = processor.Continue(prompt, answer);
        var ids = tensor(inputs.Ids.Select(i => (long)i).ToArray());
        var labels = ids.clone();
        labels.narrow(0, 0, prompt.Length).fill_(Scalars.Of(Ignored));
        model.SetTrainable(true);
        try
        {
            var embedded = model.Embed(inputs, model.EncodeMedia(inputs));
            var logits = ForwardPass.Logits(model, embedded, inputs); // [T, V]
            var length = inputs.Length;
            var loss = nn.functional.cross_entropy(
                logits.narrow(0, 0, length - 1), labels.narrow(0, 1, length - 1), ignore_index: Ignored);
            loss.backward();
            var gradients = model.named_parameters()
                .Where(p => p.parameter.grad is not null)
                .ToDictionary(p => p.name, p => p.parameter.grad!.clone().DetachFromDisposeScope(), StringComparer.Ordinal);
            return new AnswerGradients(
                ids.DetachFromDisposeScope(), labels.DetachFromDisposeScope(), loss.item<float>(), gradients);
        }
        finally
        {
            foreach (var parameter in model.parameters())
            {
                parameter.grad = null;
            }

            model.SetTrainable(false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Ids.Dispose();
        Labels.Dispose();
        foreach (var gradient in Gradients.Values)
        {
            gradient.Dispose();
        }
    }
}
