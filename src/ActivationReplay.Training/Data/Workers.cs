using ActivationReplay.Checkpoints;
using ActivationReplay.Models;
using ActivationReplay.Training.Weights;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Data;

/// <summary>
/// Models that share one set of weights, each with a thread and gradients of its own. Parts of a batch side by side use two
/// cores better than one operation on both, above all when the machine is busy.
/// </summary>
internal sealed class Workers : IDisposable
{
    private readonly QwenVlModel[] models;
    private readonly AnswerPass[] passes;

    /// <summary>Makes <paramref name="count"/> models over <paramref name="weights"/>.</summary>
    public Workers(
        int count, ModelConfig config, FlatWeights weights, PromptFormat format, ProductPrecision products, bool trainable)
    {
        models = [.. Enumerable.Range(0, count).Select(_ => new QwenVlModel(config, weights))];
        passes = [.. models.Select(m => new AnswerPass(m, format))];
        foreach (var model in models)
        {
            Products.Use(model, products);
            if (trainable)
            {
                weights.Language.Attach(model);
            }
        }
    }

    /// <summary>The models.</summary>
    public IReadOnlyList<QwenVlModel> Models => models;

    /// <summary>How many there are.</summary>
    public int Count => models.Length;

    /// <summary>Splits a batch by pictures and adds the gradients of Σ loss to the weights' gradients.</summary>
    /// <param name="features">[P, N, D].</param>
    /// <param name="rows">Rows of the P pictures.</param>
    /// <param name="loss">
    /// The loss of a part of the batch, already divided by the whole batch's tokens: of the log p of answer tokens and
    /// the part's rows, as indices into <paramref name="rows"/>.
    /// </param>
    /// <returns>The sum of the losses.</returns>
    public double Backward(
        Tensor features, IReadOnlyList<TrainingRow> rows, Func<Tensor, IReadOnlyList<int>, Tensor> loss)
    {
        var results = new double[Count];
        Run(features, rows, (worker, logs, part) =>
        {
            var sum = loss(logs, part);
            sum.backward();
            results[worker] = sum.item<float>();
        });
        return results.Sum();
    }

    /// <summary>log p of each row's answer tokens, without gradients.</summary>
    public IReadOnlyList<float[]> LogProbabilities(Tensor features, IReadOnlyList<TrainingRow> rows)
    {
        var results = new float[rows.Count][];
        Run(features, rows, (_, logs, part) =>
        {
            var values = logs.data<float>().ToArray().AsSpan();
            foreach (var r in part)
            {
                results[r] = values[..rows[r].AnswerLength].ToArray();
                values = values[rows[r].AnswerLength..];
            }
        }, gradients: false);
        return results;
    }

    private void Run(
        Tensor features, IReadOnlyList<TrainingRow> rows, Action<int, Tensor, int[]> use, bool gradients = true)
    {
        var pictures = features.shape[0];
        Parallel.For(0, Count, new ParallelOptions { MaxDegreeOfParallelism = Count }, worker =>
        {
            using var scope = NewDisposeScope();
            using var mode = set_grad_enabled(gradients);
            var (first, last) = ((int)(pictures * worker / Count), (int)(pictures * (worker + 1) / Count));
            int[] part = [.. Enumerable.Range(0, rows.Count).Where(r => rows[r].Picture >= first && rows[r].Picture < last)];
            if (part.Length > 0)
            {
                TrainingRow[] own = [.. part.Select(r => rows[r] with { Picture = rows[r].Picture - first })];
                use(worker, passes[worker].LogProbabilities(features.narrow(0, first, last - first), own), part);
            }
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var model in models)
        {
            model.Dispose();
        }
    }
}
