using System.Globalization;
using ActivationReplay.Models;
using ActivationReplay.Native;
using ActivationReplay.Training.Data;
using ActivationReplay.Training.Weights;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Stages;

/// <summary>
/// Teaches the vision tower to tell what stands in each token's part of a picture, then scales its features to a set deviation. The
/// language model learns faster from features that are right already, and the tower stays frozen from here on.
/// </summary>
internal sealed class VisionStage(
    VisionSettings settings, ITrainingTask task, ulong seed, QwenVlModel model, FlatWeights weights, ProductPrecision products)
{
    /// <summary>Name in progress and files.</summary>
    public const string Name = "vision";

    /// <summary>Runs the stage.</summary>
    /// <param name="tower">The tower's optimiser.</param>
    /// <param name="curve">The curve's CSV: loss in nats, fraction of tokens classified correctly, by question.</param>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancel">Stops between steps; the stage is short and starts anew.</param>
    public void Run(AdamW tower, string curve, Action<StageProgress> progress, CancellationToken cancel)
    {
        var questions = task.VisionQuestions;
        CellClassifier[] classifiers = [.. questions.Select(q => new CellClassifier(q, model.Config.Text.HiddenSize, seed))];
        AdamW[] heads = [.. classifiers.Select(c => new AdamW(c.Group, settings.Optimiser))];
        using var log = new CurveLog(curve, 0, ["loss", .. questions.Select(q => q.Name)]);
        weights.Tower.Attach(model);
        Products.Use(model, products);
        for (var step = 0; step < settings.Steps; step++)
        {
            cancel.ThrowIfCancellationRequested();
            var (loss, accuracies) = Step(step, classifiers);
            var rate = settings.Rate.At(step, settings.Steps);
            tower.Step(rate);
            foreach (var head in heads)
            {
                head.Step(rate);
            }

            log.Add(step, [loss, .. accuracies]);
            progress(new StageProgress(Name, step + 1, settings.Steps, string.Create(CultureInfo.InvariantCulture, $"loss {loss:0.000}")
                + string.Concat(questions.Zip(accuracies, (q, a) => string.Create(CultureInfo.InvariantCulture, $", {q.Name} {a:0.0000}")))));
        }

        foreach (var owned in heads.Concat<IDisposable>(classifiers))
        {
            owned.Dispose();
        }

        model.SetTrainable(false);
        Products.Use(model, ProductPrecision.Fp32);
        Rescale();
    }

    private (double Loss, double[] Accuracies) Step(int step, CellClassifier[] classifiers)
    {
        using var scope = NewDisposeScope();
        var batch = task.VisionBatch(settings, step);
        var features = model.EncodePatches(batch.Pixels, batch.Grids);
        var losses = new List<Tensor>();
        var accuracies = new List<Tensor>();
        foreach (var (classifier, answers) in classifiers.Zip(batch.Answers))
        {
            var logits = classifier.Forward(answers.Tokens is { } tokens ? features.index_select(0, tensor([.. tokens])) : features);
            var classes = tensor(answers.Classes.ToArray());
            losses.Add(nn.functional.cross_entropy(logits, classes));
            accuracies.Add(logits.argmax(-1).eq(classes).to_type(ScalarType.Float32).mean());
        }

        var loss = losses.Aggregate((sum, next) => sum.Plus(next));
        loss.backward();
        return (loss.item<float>(), [.. accuracies.Select(a => (double)a.item<float>())]);
    }

    private void Rescale()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var batch = task.VisionBatch(settings, settings.Steps);
        var deviation = model.EncodePatches(batch.Pixels, batch.Grids).std().item<float>();
        var width = model.Config.Vision.HiddenSize * model.Config.Vision.SpatialMergeSize * model.Config.Vision.SpatialMergeSize;
        var outputs = model.Config.Text.HiddenSize;
        weights.Get("visual.merger.mlp.2.weight", outputs, width).mul_(Scalars.Of(settings.Deviation / deviation));
        weights.Get("visual.merger.mlp.2.bias", outputs).mul_(Scalars.Of(settings.Deviation / deviation));
    }
}
