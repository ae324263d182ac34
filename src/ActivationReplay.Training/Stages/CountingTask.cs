using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Text;
using ActivationReplay.Training.Data;
using ActivationReplay.Training.Tasks;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Stages;

/// <summary>The counting task: one picture, one question, one answer with a box.</summary>
internal sealed class CountingTask : ITrainingTask
{
    private static readonly QuestionFamily[] s_families = Enum.GetValues<QuestionFamily>();
    private readonly SceneSettings scenes;
    private readonly ulong seed;
    private readonly Processor processor;
    private readonly IReadOnlyList<int> stopIds;
    private readonly PromptFormat format;
    private Scene[] scenesOfBank = [];
    private PictureBank? bank;

    /// <summary>Prepares the task.</summary>
    /// <param name="scenes">How scenes are made.</param>
    /// <param name="seed">Decides scenes, questions and answers.</param>
    /// <param name="processor">Makes prompts.</param>
    /// <param name="stopIds">Ids that end an answer; written ones end with the first.</param>
    public CountingTask(SceneSettings scenes, ulong seed, Processor processor, IReadOnlyList<int> stopIds)
    {
        (this.scenes, this.seed, this.processor, this.stopIds) = (scenes, seed, processor, stopIds);
        format = new PromptFormat(processor, stopIds[0], new ImagePart(PromptFormat.Blank(scenes.Side * ScenePainter.CellSide)));
    }

    /// <inheritdoc/>
    public PicturePrefix Prefix => format.Prefix;

    /// <summary>What stands in the cell; the logit of "red 7" is the sum of those of "red" and "7".</summary>
    public IReadOnlyList<VisionQuestion> VisionQuestions { get; } = [VisionQuestion.Look("accuracy")];

    /// <inheritdoc/>
    public VisionBatch VisionBatch(VisionSettings settings, int step)
    {
        Scene[] batch = [.. Enumerable.Range(0, settings.Pictures).Select(i =>
            Scene.Create(scenes, seed, ProblemSplit.Vision.StreamOf((step * settings.Pictures) + i)))];
        var (pixels, grids) = PictureBank.PatchesOf(batch.Length, i => processor.Images.Cut(ScenePainter.Paint(batch[i])));
        return new VisionBatch(pixels, grids, [new VisionAnswers(null, [.. batch.SelectMany(s => s.CellClasses()).Select(c => (long)c)])]);
    }

    /// <inheritdoc/>
    public void FillBank(QwenVlModel tower, int pictures, CancellationToken cancel)
    {
        scenesOfBank = [.. Enumerable.Range(0, pictures).Select(i => Scene.Create(scenes, seed, (ulong)i))];
        bank = PictureBank.Create(tower, pictures, i => processor.Images.Cut(ScenePainter.Paint(scenesOfBank[i])), cancel);
    }

    /// <inheritdoc/>
    public TrainingBatch SupervisedBatch(SupervisedSettings settings, int first, int step, IReadOnlyList<QwenVlModel> models)
    {
        var draws = new Draws(seed, DrawPurpose.Batch, (ulong)(first + step));
        var phase = settings.PhaseAt(step);
        var pictures = new long[settings.Pictures];
        var rows = new List<TrainingRow>();
        for (var p = 0; p < pictures.Length; p++)
        {
            pictures[p] = draws.Below(scenesOfBank.Length);
            var scene = scenesOfBank[(int)pictures[p]];
            for (var q = 0; q < settings.QuestionsPerPicture; q++)
            {
                var question = Tasks.Question.Create(scene, Family(settings, draws), draws);
                var style = Style(phase, draws.Uniform());
                rows.Add(format.Row(p, question.Text, new AnswerWriter(scene, question, phase.Slips, draws).Write(style)));
            }
        }

        return new TrainingBatch(Prefix, bank!.Features.index_select(0, tensor(pictures)), rows);
    }

    /// <inheritdoc/>
    public IReadOnlyList<RolloutGroup> Sample(
        IReadOnlyList<QwenVlModel> policy, ProblemSplit split, int first, int count, GenerationSettings settings, bool keepRows, CancellationToken cancel) =>
        new AnswerSampler(policy, processor, stopIds).Groups(
            [.. Enumerable.Range(first, count).Select(i => CountingProblem.Create(scenes, seed, split, i).ToSample())], format, settings, keepRows, cancel);

    /// <inheritdoc/>
    public void Dispose()
    {
        bank?.Dispose();
        format.Dispose();
    }

    private static AnswerStyle Style(AnswerPhase phase, double draw) =>
        draw < phase.Direct ? AnswerStyle.Direct
        : draw < phase.Direct + phase.Brief ? AnswerStyle.Brief
        : AnswerStyle.Full;

    private static QuestionFamily Family(SupervisedSettings settings, Draws draws)
    {
        var draw = draws.Uniform() * s_families.Sum(Weight);
        foreach (var family in s_families)
        {
            draw -= Weight(family);
            if (draw < 0)
            {
                return family;
            }
        }

        return s_families[^1];

        double Weight(QuestionFamily family) => settings.Families.TryGetValue(family, out var weight) ? weight : 1;
    }
}
