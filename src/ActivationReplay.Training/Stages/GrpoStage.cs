using System.Diagnostics;
using System.Globalization;
using ActivationReplay.Generation;
using ActivationReplay.Training.Data;
using ActivationReplay.Training.Tasks;
using ActivationReplay.Training.Weights;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Stages;

/// <summary>Reinforcement learning on verified answers: sample groups, compare inside each group, update, the tower frozen.</summary>
/// <param name="settings">The stage's settings.</param>
/// <param name="task">Gives the problems and judges the answers.</param>
/// <param name="seed">Decides the rollouts.</param>
/// <param name="weights">The policy's weights.</param>
/// <param name="policy">Models over those weights.</param>
/// <param name="reference">The base model; needed where settings ask for divergence from it.</param>
internal sealed class GrpoStage(
    GrpoSettings settings, ITrainingTask task, ulong seed, FlatWeights weights, Workers policy, Workers? reference)
{
    /// <summary>Name in progress and files.</summary>
    public const string Name = "grpo";

    /// <summary>Runs the stage, from its saved state where there is one, until its rule or last step ends it; the best validated weights remain.</summary>
    /// <inheritdoc cref="SupervisedStage.Run"/>
    public void Run(StageFiles files, Action<StageProgress> progress, CancellationToken cancel)
    {
        using var optimiser = new AdamW(weights.Language, settings.Optimiser);
        var start = files.Resume(weights, optimiser);
        using var curve = new CurveLog(files.Curve, start, "reward", "groups", "loss", "gradient_norm", "tokens", "seconds");
        using var validations = new CurveLog(files.Validation, start == 0 ? 0 : start + 1, "pass_at_1", "pass_at_n", "seconds");
        var validation = new StoppingPoint(
            settings.Stop,
            seed,
            (count, sampling) => task.Sample(policy.Models, ProblemSplit.Validation, 0, count, sampling, keepRows: false, cancel),
            files.Validation);
        var clock = Stopwatch.StartNew();
        if (start == 0)
        {
            Validate(0);
        }

        for (var step = start; step < settings.Steps; step++)
        {
            (double Reward, int Groups, double Loss, double Norm, double Tokens) numbers;
            try
            {
                numbers = Step(step, optimiser, cancel);
            }
            catch (OperationCanceledException)
            {
                // Answers were given up: nothing of the step is in the weights.
                files.Save(weights, optimiser, step);
                throw;
            }

            curve.Add(step, numbers.Reward, numbers.Groups, numbers.Loss, numbers.Norm, numbers.Tokens, clock.Elapsed.TotalSeconds);
            progress(new StageProgress(
                Name, step + 1, settings.Steps, string.Create(CultureInfo.InvariantCulture, $"reward {numbers.Reward:0.000}")));
            var stop = validation.IsDue(step + 1) && Validate(step + 1);
            if ((step + 1) % settings.CheckpointEvery == 0 || stop || step + 1 == settings.Steps)
            {
                files.Save(weights, optimiser, step + 1);
            }

            if (stop)
            {
                break;
            }
        }

        files.TakeKept(weights);

        bool Validate(int step)
        {
            if (settings.Stop.Problems == 0)
            {
                return false;
            }

            var counts = validation.Measure(settings);
            validations.Add(step, counts.PassAt(1), counts.PassAt(counts.Answers), clock.Elapsed.TotalSeconds);
            progress(new StageProgress(Name, step, settings.Steps, string.Create(
                CultureInfo.InvariantCulture,
                $"validation pass@1 {counts.PassAt(1):0.000} pass@{counts.Answers} {counts.PassAt(counts.Answers):0.000}")));
            if (validation.IsBest())
            {
                files.Keep(weights);
            }

            return step > 0 && validation.IsReached();
        }
    }

    private (double Reward, int Groups, double Loss, double Norm, double Tokens) Step(
        int step, AdamW optimiser, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        var groups = task.Sample(
            policy.Models,
            ProblemSplit.Reinforcement,
            step * settings.Prompts,
            settings.Prompts,
            new GenerationSettings
            {
                Temperature = settings.Temperature,
                MaxNewTokens = settings.MaxNewTokens,
                Samples = settings.Answers,
                Seed = Rollouts(seed, step),
            },
            keepRows: true,
            cancel);
        var reward = groups.Average(g => g.Rewards.Average());
        var tokens = groups.Average(g => g.Tokens);
        using var batch = GrpoBatch.Create(groups, task.Prefix);
        var (value, norm) = batch is null ? (0, 0) : Update(step, batch, optimiser);
        foreach (var group in groups)
        {
            group.Dispose();
        }

        return (reward, batch is null ? 0 : batch.Batch.Rows.Count / settings.Answers, value, norm, tokens);
    }

    private (double Loss, double Norm) Update(int step, GrpoBatch batch, AdamW optimiser)
    {
        var old = settings.Updates > 1 ? policy.LogProbabilities(batch.Batch) : null;
        var loss = new PolicyLoss(batch, old, reference?.LogProbabilities(batch.Batch), settings);
        var (value, norm) = (0.0, 0.0);
        for (var update = 0; update < settings.Updates; update++)
        {
            value = policy.Backward(batch.Batch, loss.Part);
            norm = optimiser.Step(settings.Rate.At(step, settings.Steps));
        }

        return (value, norm);
    }

    private static ulong Rollouts(ulong seed, int step) => seed + ((ulong)DrawPurpose.Rollout << 56) + ((ulong)step << 16);
}
