using System.Diagnostics;
using System.Globalization;
using ActivationReplay.Native;
using ActivationReplay.Training.Data;
using ActivationReplay.Training.Weights;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Stages;

/// <summary>Cross-entropy on the tokens of written answers, the tower frozen.</summary>
internal sealed class SupervisedStage(
    string name, SupervisedSettings settings, ITrainingTask task, int first, Workers workers, FlatWeights weights)
{
    /// <summary>Runs the stage, from its saved state where there is one.</summary>
    /// <param name="files">Where its state and curve are.</param>
    /// <param name="progress">Told after each step.</param>
    /// <param name="cancel">Stops between steps; the state is saved.</param>
    public void Run(StageFiles files, Action<StageProgress> progress, CancellationToken cancel)
    {
        using var optimiser = new AdamW(weights.Language, settings.Optimiser);
        var start = files.Resume(weights, optimiser);
        using var curve = new CurveLog(files.Curve, start, "loss", "gradient_norm", "learning_rate", "seconds");
        var clock = Stopwatch.StartNew();
        for (var step = start; step < settings.Steps; step++)
        {
            if (cancel.IsCancellationRequested)
            {
                files.Save(weights, optimiser, step);
                cancel.ThrowIfCancellationRequested();
            }

            var rate = settings.Rate.At(step, settings.Steps);
            var loss = Step(step);
            var norm = optimiser.Step(rate);
            curve.Add(step, loss, norm, rate, clock.Elapsed.TotalSeconds);
            progress(new StageProgress(
                name, step + 1, settings.Steps, string.Create(CultureInfo.InvariantCulture, $"loss {loss:0.000}")));
            if ((step + 1) % settings.CheckpointEvery == 0 || step + 1 == settings.Steps)
            {
                files.Save(weights, optimiser, step + 1);
            }
        }
    }

    private double Step(int step)
    {
        using var scope = NewDisposeScope();
        var batch = task.SupervisedBatch(settings, first, step, workers.Models);
        var tokens = batch.Tokens;
        return workers.Backward(batch, (logs, _) => logs.sum().div(Scalars.Of(-tokens)));
    }
}
