using System.Globalization;
using ActivationReplay.Models;
using ActivationReplay.Native;
using ActivationReplay.Training.Data;
using ActivationReplay.Training.Tasks;
using ActivationReplay.Training.Weights;
using ActivationReplay.Vision;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Stages;

/// <summary>
/// Teaches the vision tower to tell what stands in each cell, then scales its features to a set deviation. The language model
/// learns faster from features that are right already, and the tower stays frozen from here on.
/// </summary>
internal sealed class VisionStage(
    VisionSettings settings,
    SceneSettings scenes,
    ulong seed,
    QwenVlModel model,
    FlatWeights weights,
    ImageProcessor images,
    ProductPrecision products)
{
    /// <summary>Name in progress and files.</summary>
    public const string Name = "vision";

    /// <summary>Runs the stage.</summary>
    /// <param name="tower">The tower's optimiser.</param>
    /// <param name="curve">The curve's CSV: loss in nats, fraction of cells classified correctly.</param>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancel">Stops between steps; the stage is short and starts anew.</param>
    public void Run(AdamW tower, string curve, Action<StageProgress> progress, CancellationToken cancel)
    {
        using var classifier = new CellClassifier(model.Config.Text.HiddenSize, seed);
        using var head = new AdamW(classifier.Group, settings.Optimiser);
        using var log = new CurveLog(curve, 0, "loss", "accuracy");
        weights.Tower.Attach(model);
        Products.Use(model, products);
        for (var step = 0; step < settings.Steps; step++)
        {
            cancel.ThrowIfCancellationRequested();
            var (loss, accuracy) = Step(step, classifier);
            var rate = settings.Rate.At(step, settings.Steps);
            tower.Step(rate);
            head.Step(rate);
            log.Add(step, loss, accuracy);
            progress(new StageProgress(Name, step + 1, settings.Steps, string.Create(
                CultureInfo.InvariantCulture, $"loss {loss:0.000}, cells {accuracy:0.0000}")));
        }

        model.SetTrainable(false);
        Products.Use(model, ProductPrecision.Fp32);
        Rescale();
    }

    private (double Loss, double Accuracy) Step(int step, CellClassifier classifier)
    {
        using var scope = NewDisposeScope();
        var batch = Batch(step);
        var logits = classifier.Forward(PictureBank.Encode(model, images, batch).flatten(0, 1));
        var classes = tensor(batch.SelectMany(s => s.CellClasses()).Select(c => (long)c).ToArray());
        var loss = nn.functional.cross_entropy(logits, classes);
        loss.backward();
        return (loss.item<float>(), logits.argmax(-1).eq(classes).to_type(ScalarType.Float32).mean().item<float>());
    }

    private Scene[] Batch(int step) => [.. Enumerable.Range(0, settings.Pictures).Select(i =>
        Scene.Create(scenes, seed, CountingProblem.StreamOf(CountingSplit.Vision, (step * settings.Pictures) + i)))];

    private void Rescale()
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var deviation = PictureBank.Encode(model, images, Batch(settings.Steps)).std().item<float>();
        var width = model.Config.Vision.HiddenSize * model.Config.Vision.SpatialMergeSize * model.Config.Vision.SpatialMergeSize;
        var outputs = model.Config.Text.HiddenSize;
        weights.Get("visual.merger.mlp.2.weight", outputs, width).mul_(Scalars.Of(settings.Deviation / deviation));
        weights.Get("visual.merger.mlp.2.bias", outputs).mul_(Scalars.Of(settings.Deviation / deviation));
    }
}
