using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Text;
using ActivationReplay.Training.Data;
using ActivationReplay.Training.Tasks;
using ActivationReplay.Vision;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Stages;

/// <summary>A task of one picture or clip, one question, and one answer.</summary>
/// <typeparam name="TScene">What a picture or clip shows.</typeparam>
internal abstract class AnswerTask<TScene> : ITrainingTask
{
    private readonly IReadOnlyList<int> stopIds;
    private PictureBank? bank;

    /// <summary>Prepares the task.</summary>
    /// <param name="seed">Decides scenes, questions and answers.</param>
    /// <param name="processor">Makes prompts.</param>
    /// <param name="stopIds">Ids that end an answer; written ones end with the first.</param>
    /// <param name="blank">A picture or clip of the size of all, to find out how a prompt is laid out.</param>
    protected AnswerTask(ulong seed, Processor processor, IReadOnlyList<int> stopIds, ContentPart blank)
    {
        (Seed, Processor, this.stopIds) = (seed, processor, stopIds);
        Format = new PromptFormat(processor, stopIds[0], blank);
    }

    /// <inheritdoc/>
    public PicturePrefix Prefix => Format.Prefix;

    /// <inheritdoc/>
    public abstract IReadOnlyList<VisionQuestion> VisionQuestions { get; }

    /// <summary>Decides scenes, questions and answers.</summary>
    protected ulong Seed { get; }

    /// <summary>Makes prompts and patches.</summary>
    protected Processor Processor { get; }

    /// <summary>Makes rows.</summary>
    protected PromptFormat Format { get; }

    /// <summary>The scenes of the bank.</summary>
    protected IReadOnlyList<TScene> BankScenes { get; private set; } = [];

    /// <inheritdoc/>
    public abstract VisionBatch VisionBatch(VisionSettings settings, int step);

    /// <inheritdoc/>
    public void FillBank(QwenVlModel tower, int pictures, CancellationToken cancel)
    {
        BankScenes = [.. Enumerable.Range(0, pictures).Select(i => SceneOf(ProblemSplit.Supervised, i))];
        bank = PictureBank.Create(tower, pictures, i => Cut(BankScenes[i]), cancel);
    }

    /// <inheritdoc/>
    public abstract TrainingBatch SupervisedBatch(SupervisedSettings settings, int first, int step, IReadOnlyList<QwenVlModel> models);

    /// <inheritdoc/>
    public IReadOnlyList<RolloutGroup> Sample(
        IReadOnlyList<QwenVlModel> policy, ProblemSplit split, int first, int count, GenerationSettings settings, bool keepRows, CancellationToken cancel)
    {
        Sample[] problems = [.. Enumerable.Range(first, count).Select(i => ProblemOf(split, i))];
        var sampled = new AnswerSampler(policy, Processor, stopIds).Run(problems, settings, keepFeatures: keepRows, cancel: cancel);
        return [.. problems.Zip(sampled, (problem, answers) => new RolloutGroup(answers.Rewards, answers.Answers.Average(a => a.Ids.Count))
        {
            Features = answers.Features,
            Rows = keepRows ? [.. answers.Answers.Select(a => Format.Row(0, problem.Prompt, a.Ids))] : [],
        })];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        bank?.Dispose();
        Format.Dispose();
    }

    /// <summary>The scene of an index of a split.</summary>
    protected abstract TScene SceneOf(ProblemSplit split, int index);

    /// <summary>What a scene looks like, as patches.</summary>
    protected abstract VisionPatches Cut(TScene scene);

    /// <summary>The problem of an index of a split.</summary>
    protected abstract Sample ProblemOf(ProblemSplit split, int index);

    /// <summary>A supervised batch of scenes of the bank and rows about them.</summary>
    protected TrainingBatch Batch(long[] pictures, IReadOnlyList<TrainingRow> rows) =>
        new(Prefix, bank!.Features.index_select(0, tensor(pictures)), rows);
}
