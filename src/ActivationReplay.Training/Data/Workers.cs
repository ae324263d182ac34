using ActivationReplay.Checkpoints;
using ActivationReplay.Models;
using ActivationReplay.Training.Weights;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Data;

/// <summary>
/// Models that share one set of weights, each with its own thread and gradients. Computing parts of a batch in parallel uses two
/// cores better than parallel operations do, above all when the machine is busy.
/// </summary>
internal sealed class Workers : IDisposable
{
    private readonly QwenVlModel[] models;
    private readonly AnswerPass[] passes;

    /// <summary>Makes <paramref name="count"/> models over <paramref name="weights"/>.</summary>
    public Workers(
        int count, ModelConfig config, FlatWeights weights, ProductPrecision products, bool trainable)
    {
        models = [.. Enumerable.Range(0, count).Select(_ => new QwenVlModel(config, weights))];
        passes = [.. models.Select(m => new AnswerPass(m))];
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
    /// <param name="batch">The batch.</param>
    /// <param name="loss">
    /// Computes the loss of a part of the batch, already divided by the number of tokens of the whole batch, from the log p of its
    /// trained tokens and the indices of its rows.
    /// </param>
    /// <returns>The sum of the losses.</returns>
    public double Backward(TrainingBatch batch, Func<Tensor, IReadOnlyList<int>, Tensor> loss)
    {
        var results = new double[Count];
        Run(batch, (worker, logs, part) =>
        {
            var sum = loss(logs, part);
            sum.backward();
            results[worker] = sum.item<float>();
        });
        return results.Sum();
    }

    /// <summary>log p of each row's trained tokens, without gradients.</summary>
    public IReadOnlyList<float[]> LogProbabilities(TrainingBatch batch)
    {
        var rows = batch.Rows;
        var results = new float[rows.Count][];
        Run(batch, (_, logs, part) =>
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

    private void Run(TrainingBatch batch, Action<int, Tensor, int[]> use, bool gradients = true)
    {
        var rows = batch.Rows;
        var pictures = batch.Features.shape[0];
        Parallel.For(0, Count, new ParallelOptions { MaxDegreeOfParallelism = Count }, worker =>
        {
            using var scope = NewDisposeScope();
            using var mode = set_grad_enabled(gradients);
            var (first, last) = ((int)(pictures * worker / Count), (int)(pictures * (worker + 1) / Count));
            int[] part = [.. Enumerable.Range(0, rows.Count).Where(r => rows[r].Picture >= first && rows[r].Picture < last)];
            if (part.Length > 0)
            {
                TrainingRow[] own = [.. part.Select(r => rows[r] with { Picture = rows[r].Picture - first })];
                var share = batch with { Features = batch.Features.narrow(0, first, last - first), Rows = own };
                use(worker, passes[worker].LogProbabilities(share), part);
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
