using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Text;
using ActivationReplay.Training.Data;
using ActivationReplay.Training.Tasks;
using ActivationReplay.Vision;

namespace ActivationReplay.Training.Stages;

/// <summary>The counting task: one picture, one question, one answer with a box.</summary>
/// <param name="scenes">How scenes are made.</param>
/// <param name="seed">Decides scenes, questions and answers.</param>
/// <param name="processor">Makes prompts.</param>
/// <param name="stopIds">Ids that end an answer; written ones end with the first.</param>
internal sealed class CountingTask(SceneSettings scenes, ulong seed, Processor processor, IReadOnlyList<int> stopIds)
    : AnswerTask<Scene>(seed, processor, stopIds, new ImagePart(PromptFormat.Blank(scenes.Side * ScenePainter.CellSide)))
{
    private static readonly QuestionFamily[] s_families = Enum.GetValues<QuestionFamily>();

    /// <summary>What stands in the cell; the logit of "red 7" is the sum of those of "red" and "7".</summary>
    public override IReadOnlyList<VisionQuestion> VisionQuestions { get; } = [VisionQuestion.Look("accuracy")];

    /// <inheritdoc/>
    public override VisionBatch VisionBatch(VisionSettings settings, int step)
    {
        Scene[] batch = [.. Enumerable.Range(0, settings.Pictures).Select(i =>
            SceneOf(ProblemSplit.Vision, (step * settings.Pictures) + i))];
        var (pixels, grids) = PictureBank.PatchesOf(batch.Length, i => Cut(batch[i]));
        return new VisionBatch(pixels, grids, [new VisionAnswers(null, [.. batch.SelectMany(s => s.CellClasses()).Select(c => (long)c)])]);
    }

    /// <inheritdoc/>
    public override TrainingBatch SupervisedBatch(SupervisedSettings settings, int first, int step, IReadOnlyList<QwenVlModel> models)
    {
        var draws = new Draws(Seed, DrawPurpose.Batch, (ulong)(first + step));
        var phase = settings.PhaseAt(step);
        var pictures = new long[settings.Pictures];
        var rows = new List<TrainingRow>();
        for (var p = 0; p < pictures.Length; p++)
        {
            pictures[p] = draws.Below(BankScenes.Count);
            var scene = BankScenes[(int)pictures[p]];
            for (var q = 0; q < settings.QuestionsPerPicture; q++)
            {
                var question = Tasks.Question.Create(scene, Family(settings, draws), draws);
                var style = Style(phase, draws.Uniform());
                rows.Add(Format.Row(p, question.Text, new AnswerWriter(scene, question, phase.Slips, draws).Write(style)));
            }
        }

        return Batch(pictures, rows);
    }

    /// <inheritdoc/>
    protected override Scene SceneOf(ProblemSplit split, int index) => Scene.Create(scenes, Seed, split.StreamOf(index));

    /// <inheritdoc/>
    protected override VisionPatches Cut(Scene scene) => Processor.Images.Cut(ScenePainter.Paint(scene));

    /// <inheritdoc/>
    protected override Sample ProblemOf(ProblemSplit split, int index) => CountingProblem.Create(scenes, Seed, split, index).ToSample();

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
