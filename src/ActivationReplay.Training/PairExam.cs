using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Evaluation.Statistics;
using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Training.Data;

namespace ActivationReplay.Training;

/// <summary>How a model did on one question.</summary>
/// <param name="Id">The question.</param>
/// <param name="Family">Its family.</param>
/// <param name="Scores">Of the n sampled answers, ascending: 1 or 0, or between them where the type of the question grades.</param>
/// <param name="Greedy">Score of the greedy answer.</param>
/// <param name="Tokens">Mean tokens of the sampled answers.</param>
public sealed record ExamRow(string Id, string Family, IReadOnlyList<double> Scores, double Greedy, double Tokens)
{
    /// <summary>What else was measured of it, by name; the same names need not be there for every question.</summary>
    public IReadOnlyDictionary<string, double> Measures { get; init; } = new Dictionary<string, double>();

    /// <summary>Unbiased pass@k; of graded answers the expected best of k.</summary>
    public double PassAt(int k) => PassAtK.Best(Scores, k);
}

/// <summary>Examines a model: n sampled answers and a greedy one to each question.</summary>
public static class PairExam
{
    /// <summary>Answers every question.</summary>
    /// <param name="models">Equal models, a thread each.</param>
    /// <param name="processor">Their processor.</param>
    /// <param name="stopIds">Ids that end an answer.</param>
    /// <param name="samples">The questions.</param>
    /// <param name="settings">How to sample; the greedy answer has the same limit of tokens.</param>
    /// <param name="limits">Pixels of the pictures.</param>
    /// <param name="cancel">Stops between batches.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IReadOnlyList<ExamRow> Run(
        IReadOnlyList<QwenVlModel> models,
        Processor processor,
        IReadOnlyList<int> stopIds,
        IReadOnlyList<Sample> samples,
        GenerationSettings settings,
        PixelLimits limits,
        CancellationToken cancel)
    {
        var sampler = new AnswerSampler(models, processor, stopIds);
        var greedy = sampler.Run(samples, settings with { Temperature = 0, Samples = 1 }, limits, cancel: cancel);
        var sampled = sampler.Run(samples, settings, limits, cancel: cancel);
        return
        [
            .. samples.Select((sample, i) => new ExamRow(
                sample.Id,
                sample.Family ?? "",
                [.. sampled[i].Rewards.Order()],
                greedy[i].Rewards[0],
                sampled[i].Answers.Average(a => a.Ids.Count))),
        ];
    }
}
