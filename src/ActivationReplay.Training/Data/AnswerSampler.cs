using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Verification;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Data;

/// <summary>Sampled answers to one problem.</summary>
/// <param name="Answers">The answers' tokens.</param>
/// <param name="Rewards">The score of each answer that ended in time, 0 to 1; of others 0.</param>
/// <param name="Features">Visual features of its picture or clip, [N, D]; null unless kept.</param>
internal sealed record SampledAnswers(
    IReadOnlyList<GeneratedSequence> Answers, IReadOnlyList<double> Rewards, Tensor? Features);

/// <summary>Samples answers to problems with the engine's batched generator, on several threads with a model each.</summary>
internal sealed class AnswerSampler(IReadOnlyList<QwenVlModel> models, Processor processor, IReadOnlyList<int> stopIds)
{
    private const int AnswersPerBatch = 128;
    private const string Box = @"\boxed{";

    /// <summary>Answers each problem as often as the settings say.</summary>
    /// <param name="samples">The problems.</param>
    /// <param name="settings">The settings; the seed of a problem is their seed plus its index.</param>
    /// <param name="limits">Pixels of the pictures.</param>
    /// <param name="keepFeatures">Whether to give the visual features, too; the caller disposes them.</param>
    /// <param name="cancel">Cancels within one decoding step.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was cancelled.</exception>
    public IReadOnlyList<SampledAnswers> Run(
        IReadOnlyList<Sample> samples,
        GenerationSettings settings,
        PixelLimits limits = default,
        bool keepFeatures = false,
        CancellationToken cancel = default)
    {
        var results = new SampledAnswers[samples.Count];
        int[][] batches = [.. Enumerable.Range(0, samples.Count).Chunk(Math.Max(1, AnswersPerBatch / settings.Samples))];
        foreach (var round in batches.Chunk(models.Count))
        {
            cancel.ThrowIfCancellationRequested();
            Parallel.For(0, round.Length, new ParallelOptions { CancellationToken = cancel }, worker => Answer(models[worker], round[worker]));
        }

        return results;

        void Answer(QwenVlModel model, int[] batch)
        {
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            using var products = Products.Hold(model);
            ModelInputs[] inputs = [.. batch.Select(i => processor.Prepare(samples[i].Conversation(), limits))];
            EncodedPrompt[] prompts = [.. inputs.Select(input => EncodedPrompt.Encode(model, input))];
            try
            {
                var answers = new TextGenerator(model, stopIds).Generate([.. prompts.Select((prompt, p) =>
                    new GenerationRequest(prompt, Intervention.None, settings with { Seed = settings.Seed + (ulong)batch[p] }))], cancel);
                foreach (var (p, i) in batch.Index())
                {
                    results[i] = new SampledAnswers(
                        answers[p],
                        [.. answers[p].Select(a => Reward(a, samples[i]))],
                        keepFeatures ? prompts[p].Features!.clone().DetachFromDisposeScope() : null);
                }
            }
            finally
            {
                foreach (var p in Enumerable.Range(0, batch.Length))
                {
                    prompts[p].Dispose();
                    inputs[p].Dispose();
                }
            }
        }
    }

    /// <summary>The text of an answer.</summary>
    public string Decode(GeneratedSequence answer) => processor.Tokenizer.Decode(answer.Ids);

    // Of questions about videos the score by their type; of others 1 where the only box is right, so that no answer has two tries.
    private double Reward(GeneratedSequence answer, Sample sample)
    {
        var text = Decode(answer);
        return !answer.Finished ? 0
            : sample.Videos.Count > 0 ? AnswerVerifier.Verify(sample.Reference, text).Score
            : text.IndexOf(Box, StringComparison.Ordinal) == text.LastIndexOf(Box, StringComparison.Ordinal)
                && BoxedAnswer.Verify(text, sample.Answer).IsCorrect ? 1 : 0;
    }
}
