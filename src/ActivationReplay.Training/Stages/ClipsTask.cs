using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Text;
using ActivationReplay.Training.Data;
using ActivationReplay.Training.Tasks;
using ActivationReplay.Training.Tasks.Clips;
using ActivationReplay.Vision;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Stages;

/// <summary>The clips task: a clip of eight frames, one question, one answer between tags.</summary>
internal sealed class ClipsTask : ITrainingTask
{
    private const int Cells = Clip.Side * Clip.Side;
    private const int OfEmpty = 4; // most tokens have no object: one of so many is asked
    private static readonly ClipFamily[] s_families = Enum.GetValues<ClipFamily>();
    private readonly ulong seed;
    private readonly Processor processor;
    private readonly IReadOnlyList<int> stopIds;
    private readonly PromptFormat format;
    private Clip[] clipsOfBank = [];
    private PictureBank? bank;

    /// <summary>Prepares the task.</summary>
    /// <param name="seed">Decides clips, questions and answers.</param>
    /// <param name="processor">Makes prompts.</param>
    /// <param name="stopIds">Ids that end an answer; written ones end with the first.</param>
    public ClipsTask(ulong seed, Processor processor, IReadOnlyList<int> stopIds)
    {
        (this.seed, this.processor, this.stopIds) = (seed, processor, stopIds);
        var blank = PromptFormat.Blank(Clip.Pixels);
        format = new PromptFormat(
            processor, stopIds[0], new VideoPart(new FrameList([.. Enumerable.Repeat(blank, Clip.FrameCount)], Clip.FramesPerSecond)));
    }

    /// <inheritdoc/>
    public PicturePrefix Prefix => format.Prefix;

    /// <summary>Of each token with an object: colour and shape or digit, what it does, how fast.</summary>
    public IReadOnlyList<VisionQuestion> VisionQuestions { get; } =
    [
        VisionQuestion.Look("look"),
        VisionQuestion.Plain("event", ClipEvents.Count),
        VisionQuestion.Plain("speed", Clip.Speeds.Count),
    ];

    /// <inheritdoc/>
    public VisionBatch VisionBatch(VisionSettings settings, int step)
    {
        // Every other clip has digits: they are the hardest to tell, and few steps show one.
        Clip[] batch = [.. Enumerable.Range(step * settings.Pictures, settings.Pictures).Select(i => i % 2 == 0
            ? Clip.Create(ClipFamily.Digits, seed, ProblemSplit.Vision.StreamOf(i))
            : ClipOf(ProblemSplit.Vision, i))];
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
    public void FillBank(QwenVlModel tower, int pictures, CancellationToken cancel)
    {
        clipsOfBank = [.. Enumerable.Range(0, pictures).Select(i => ClipOf(ProblemSplit.Supervised, i))];
        bank = PictureBank.Create(tower, pictures, i => Cut(clipsOfBank[i]), cancel);
    }

    /// <inheritdoc/>
    public TrainingBatch SupervisedBatch(SupervisedSettings settings, int first, int step, IReadOnlyList<QwenVlModel> models)
    {
        var draws = new Draws(seed, DrawPurpose.Batch, (ulong)(first + step));
        var rates = settings.PhaseAt(step).Clips;
        long[] pictures = [.. Enumerable.Range(0, settings.Pictures).Select(_ => (long)draws.Below(clipsOfBank.Length))];
        var rows = new List<TrainingRow>();
        foreach (var (p, picture) in pictures.Index())
        {
            var clip = clipsOfBank[picture];
            for (var q = 0; q < settings.QuestionsPerPicture; q++)
            {
                var problem = new ClipProblem(ProblemSplit.Supervised, (int)picture, clip, ClipProblem.OptionsOf(clip, draws));
                rows.Add(format.Row(p, problem.Prompt, new ClipWriter(problem, rates, draws).Write()));
            }
        }

        return new TrainingBatch(Prefix, bank!.Features.index_select(0, tensor(pictures)), rows);
    }

    /// <inheritdoc/>
    public IReadOnlyList<RolloutGroup> Sample(
        IReadOnlyList<QwenVlModel> policy, ProblemSplit split, int first, int count, GenerationSettings settings, bool keepRows, CancellationToken cancel) =>
        new AnswerSampler(policy, processor, stopIds).Groups(
            [.. Enumerable.Range(first, count).Select(i => ClipProblem.Create(seed, split, i).ToSample())], format, settings, keepRows, cancel);

    /// <inheritdoc/>
    public void Dispose()
    {
        bank?.Dispose();
        format.Dispose();
    }

    private Clip ClipOf(ProblemSplit split, int index) => Clip.Create(s_families[index % s_families.Length], seed, split.StreamOf(index));

    private VisionPatches Cut(Clip clip) => processor.Images.Cut(ClipPainter.Paint(clip));

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
