using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Text;
using ActivationReplay.Training.Data;
using ActivationReplay.Training.Tasks;
using ActivationReplay.Training.Tasks.Clips;
using ActivationReplay.Vision;

namespace ActivationReplay.Training.Stages;

/// <summary>The clips task: a clip of eight frames, one question, one answer between tags.</summary>
/// <param name="seed">Decides clips, questions and answers.</param>
/// <param name="processor">Makes prompts.</param>
/// <param name="stopIds">Ids that end an answer; written ones end with the first.</param>
internal sealed class ClipsTask(ulong seed, Processor processor, IReadOnlyList<int> stopIds) : AnswerTask<Clip>(
    seed, processor, stopIds, new VideoPart(new FrameList([.. Enumerable.Repeat(PromptFormat.Blank(Clip.Pixels), Clip.FrameCount)], Clip.FramesPerSecond)))
{
    private const int Cells = Clip.Side * Clip.Side;
    private const int OfEmpty = 4; // most tokens have no object: one of so many is asked
    private static readonly ClipFamily[] s_families = Enum.GetValues<ClipFamily>();

    /// <summary>Of each token with an object: colour and shape or digit, what it does, how fast.</summary>
    public override IReadOnlyList<VisionQuestion> VisionQuestions { get; } =
    [
        VisionQuestion.Look("look"),
        VisionQuestion.Plain("event", ClipEvents.Count),
        VisionQuestion.Plain("speed", Clip.Speeds.Count),
    ];

    /// <inheritdoc/>
    public override VisionBatch VisionBatch(VisionSettings settings, int step)
    {
        // Every other clip has digits: they are the hardest to tell, and few steps show one.
        Clip[] batch = [.. Enumerable.Range(step * settings.Pictures, settings.Pictures).Select(i => i % 2 == 0
            ? Clip.Create(ClipFamily.Digits, Seed, ProblemSplit.Vision.StreamOf(i))
            : SceneOf(ProblemSplit.Vision, i))];
        var (pixels, grids) = PictureBank.PatchesOf(batch.Length, i => Cut(batch[i]));
        TokenView[] seen = [.. batch.Index().SelectMany(clip => Tokens(clip.Item, clip.Index * Clip.Steps * Cells))];
        TokenView[] objects = [.. seen.Where(t => t.Look > 0)];
        TokenView[] moving = [.. objects.Where(t => t.Speed >= 0)];
        return new VisionBatch(pixels, grids,
        [
            Answers(seen, t => t.Look),
            Answers(objects, t => (int)t.Event),
            Answers(moving, t => t.Speed),
        ]);

        static VisionAnswers Answers(TokenView[] tokens, Func<TokenView, int> answer) =>
            new([.. tokens.Select(t => (long)t.Token)], [.. tokens.Select(t => (long)answer(t))]);
    }

    /// <inheritdoc/>
    public override TrainingBatch SupervisedBatch(SupervisedSettings settings, int first, int step, IReadOnlyList<QwenVlModel> models)
    {
        var draws = new Draws(Seed, DrawPurpose.Batch, (ulong)(first + step));
        var rates = settings.PhaseAt(step).Clips;
        long[] pictures = [.. Enumerable.Range(0, settings.Pictures).Select(_ => (long)draws.Below(BankScenes.Count))];
        var rows = new List<TrainingRow>();
        foreach (var (p, picture) in pictures.Index())
        {
            var clip = BankScenes[(int)picture];
            for (var q = 0; q < settings.QuestionsPerPicture; q++)
            {
                var problem = new ClipProblem(ProblemSplit.Supervised, (int)picture, clip, ClipProblem.OptionsOf(clip, draws));
                rows.Add(Format.Row(p, problem.Prompt, new ClipWriter(problem, rates, draws).Write()));
            }
        }

        return Batch(pictures, rows);
    }

    /// <inheritdoc/>
    protected override Clip SceneOf(ProblemSplit split, int index) => Clip.Create(s_families[index % s_families.Length], Seed, split.StreamOf(index));

    /// <inheritdoc/>
    protected override VisionPatches Cut(Clip scene) => Processor.Images.Cut(ClipPainter.Paint(scene));

    /// <inheritdoc/>
    protected override Sample ProblemOf(ProblemSplit split, int index) => ClipProblem.Create(Seed, split, index).ToSample();

    // The token that holds the object's middle, and some of those that show nothing of it; the others show a part of it.
    private static IEnumerable<TokenView> Tokens(Clip clip, int start)
    {
        for (var step = 0; step < Clip.Steps; step++)
        {
            var at = start + (step * Cells);
            var middle = clip.MiddleAt(step);
            if (middle is var (x, y))
            {
                var digit = clip.DigitAt(step);
                var look = new SceneObject(0, clip.Colour, digit == 0 ? clip.Shape : null, digit).Class;
                var happening = clip.EventAt(step);
                var speed = ClipEvents.Ways.Contains(happening) ? Clip.Speeds.Index().First(s => s.Item == clip.Speed).Index : -1;
                yield return new TokenView(at + ((int)(y / ScenePainter.CellSide) * Clip.Side) + (int)(x / ScenePainter.CellSide), look, happening, speed);
            }

            foreach (var cell in Enumerable.Range(0, Cells).Where(c => (at + c) % OfEmpty == 0 && IsEmpty(c)))
            {
                yield return new TokenView(at + cell, 0, ClipEvent.Hidden, -1);
            }

            bool IsEmpty(int cell)
            {
                var (dx, dy) = middle is var (mx, my) ? (Distance(mx, cell % Clip.Side), Distance(my, cell / Clip.Side)) : (double.MaxValue, 0);
                return Math.Max(dx, dy) > ScenePainter.CellSide; // of the middle from the cell's own
            }
        }

        static double Distance(double at, int cell) => Math.Abs(at - (cell * ScenePainter.CellSide) - (ScenePainter.CellSide / 2));
    }

    private readonly record struct TokenView(int Token, int Look, ClipEvent Event, int Speed);
}
