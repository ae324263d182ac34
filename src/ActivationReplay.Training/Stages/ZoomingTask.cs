using ActivationReplay.Evaluation.Agents;
using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Training.Data;
using ActivationReplay.Training.Tasks;
using ActivationReplay.Training.Tasks.Zooming;
using ActivationReplay.Vision;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Stages;

/// <summary>The zooming task: a picture, a question, and a conversation with a tool that shows parts of the picture.</summary>
internal sealed class ZoomingTask : ITrainingTask
{
    private const int Cells = ZoomScene.Side * ZoomScene.Side;
    private const int PartSide = ZoomScene.CellSide / ScenePainter.CellSide; // tokens along a part of a cell's size
    private readonly ZoomSettings scenes;
    private readonly ZoomSettings problems;
    private readonly ulong seed;
    private readonly int turns;
    private readonly Processor processor;
    private readonly IReadOnlyList<int> stopIds;
    private readonly ConversationFormat withTool;
    private readonly ConversationFormat withoutTool;
    private ZoomScene[] scenesOfBank = [];
    private PictureBank? bank;

    /// <summary>Prepares the task.</summary>
    /// <param name="scenes">How the scenes of the vision and the supervised stages are made.</param>
    /// <param name="problems">How those of the problems are.</param>
    /// <param name="seed">Decides scenes, questions and conversations.</param>
    /// <param name="turns">The most turns of a sampled conversation.</param>
    /// <param name="processor">Makes prompts.</param>
    /// <param name="stopIds">Ids that end a turn; written ones end with the first.</param>
    public ZoomingTask(ZoomSettings scenes, ZoomSettings problems, ulong seed, int turns, Processor processor, IReadOnlyList<int> stopIds)
    {
        (this.scenes, this.problems, this.seed, this.turns) = (scenes, problems, seed, turns);
        (this.processor, this.stopIds) = (processor, stopIds);
        withTool = new ConversationFormat(processor, ZoomPrompt.WithTool, stopIds[0]);
        withoutTool = new ConversationFormat(processor, ZoomPrompt.WithoutTool, stopIds[0]);
    }

    /// <inheritdoc/>
    public PicturePrefix Prefix => withTool.Prefix;

    /// <summary>Of the picture as it is seen: colour and shape, row, column. Of a part: the digit.</summary>
    public IReadOnlyList<VisionQuestion> VisionQuestions { get; } =
    [
        new VisionQuestion("look", "classifier.look",
        [
            [.. Enumerable.Range(0, 1 + ZoomScene.Looks).Select(c => c == 0 ? 0L : 1 + ((c - 1) / 3))],
            [.. Enumerable.Range(0, 1 + ZoomScene.Looks).Select(c => 5 + (c == 0 ? 0L : 1 + ((c - 1) % 3)))],
        ]),
        VisionQuestion.Plain("row", ZoomScene.Side),
        VisionQuestion.Plain("column", ZoomScene.Side),
        VisionQuestion.Plain("digit", 10),
    ];

    /// <summary>Pictures as they are seen, and of each some parts around its objects.</summary>
    public VisionBatch VisionBatch(VisionSettings settings, int step)
    {
        var numbers = Enumerable.Range(0, settings.Pictures).Select(i => ProblemSplit.Vision.StreamOf((step * settings.Pictures) + i));
        ZoomScene[] batch = [.. numbers.Select(number => ZoomScene.Create(scenes, seed, number))];
        (int Picture, PictureBox Box)[] parts = [.. batch.Index().SelectMany(scene => Parts(scene.Item, settings.Parts).Select(box => (scene.Index, box)))];
        var pictures = new RgbImage[batch.Length];
        Parallel.For(0, pictures.Length, i => pictures[i] = ZoomPainter.Paint(batch[i]));
        var (seen, seenGrids) = PictureBank.PatchesOf(batch.Length, i => processor.Images.Process(pictures[i]));
        var (shown, shownGrids) = PictureBank.PatchesOf(parts.Length, i => processor.Images.Process(parts[i].Box.Of(pictures[parts[i].Picture])));
        int[] seenTokens = [.. Enumerable.Range(0, batch.Length * Cells)];
        return new VisionBatch(cat([seen, shown], 0), [.. seenGrids, .. shownGrids],
        [
            Seen([.. batch.SelectMany(scene => scene.CellLooks()).Select(look => (long)look)]),
            Seen([.. seenTokens.Select(t => (long)(t % Cells / ZoomScene.Side))]),
            Seen([.. seenTokens.Select(t => (long)(t % ZoomScene.Side))]),
            Shown([.. parts.SelectMany(part => DigitsIn(batch[part.Picture], part.Box))]),
        ]);

        VisionAnswers Seen(long[] classes) => new([.. seenTokens.Select(t => (long)t)], classes);

        // Of those without a digit, every eighth: most tokens have none.
        VisionAnswers Shown(long[] classes)
        {
            int[] asked = [.. Enumerable.Range(0, classes.Length).Where(i => classes[i] > 0 || i % 8 == 0)];
            return new([.. asked.Select(i => (long)seenTokens.Length + i)], [.. asked.Select(i => classes[i])]);
        }
    }

    /// <inheritdoc/>
    public void FillBank(QwenVlModel tower, int pictures, CancellationToken cancel)
    {
        scenesOfBank = [.. Enumerable.Range(0, pictures).Select(i => ZoomScene.Create(scenes, seed, (ulong)i))];
        bank = PictureBank.Create(tower, pictures, i => processor.Images.Process(ZoomPainter.Paint(scenesOfBank[i])), cancel);
    }

    /// <inheritdoc/>
    public TrainingBatch SupervisedBatch(SupervisedSettings settings, int first, int step, IReadOnlyList<QwenVlModel> models)
    {
        var draws = new Draws(seed, DrawPurpose.Batch, (ulong)(first + step));
        var rates = settings.PhaseAt(step).Conversations;
        var isToolless = draws.Chance(rates.Toolless);
        var format = isToolless ? withoutTool : withTool;
        long[] pictures = [.. Enumerable.Range(0, settings.Pictures).Select(_ => (long)draws.Below(scenesOfBank.Length))];
        var parts = new (IReadOnlyList<ConversationRow> Rows, Tensor? Features)[models.Count];
        Parallel.For(0, models.Count, worker =>
        {
            var (from, to) = (pictures.Length * worker / models.Count, pictures.Length * (worker + 1) / models.Count);
            ConversationRow[] rows = [.. Enumerable.Range(from, to - from).SelectMany(p => Write(p, scenesOfBank[(int)pictures[p]]))];
            parts[worker] = (rows, Encode(models[worker], rows));
        });
        var batch = new List<TrainingRow>();
        foreach (var (rows, encoded) in parts)
        {
            var features = encoded?.clone();
            encoded?.Dispose();
            var next = 0L;
            foreach (var row in rows)
            {
                var count = row.Shown.Sum(s => s.Count);
                batch.Add(count == 0 ? row.Row : row.With(features!.narrow(0, next, count)));
                next += count;
            }
        }

        return new TrainingBatch(format.Prefix, bank!.Features.index_select(0, tensor(pictures)), batch);

        IEnumerable<ConversationRow> Write(int picture, ZoomScene scene)
        {
            var own = new Draws(seed, DrawPurpose.Answer, ((ulong)(first + step) << 16) + (ulong)picture);
            var painted = ZoomPainter.Paint(scene);
            foreach (var _ in Enumerable.Range(0, settings.QuestionsPerPicture))
            {
                if (!isToolless && own.Chance(rates.Listing))
                {
                    yield return format.Row(picture, ZoomWriter.ListingQuestion, painted, ZoomWriter.Listing(scene, own));
                    continue;
                }

                var asked = own.Pick(scene.Objects);
                var writer = new ZoomWriter(asked, rates, own);
                yield return format.Row(picture, ZoomProblem.QuestionOf(asked), painted, isToolless ? writer.Toolless() : writer.Write());
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<RolloutGroup> Sample(
        IReadOnlyList<QwenVlModel> policy, ProblemSplit split, int first, int count, GenerationSettings settings, bool keepRows, CancellationToken cancel)
    {
        var questions = new AgentQuestion[count];
        Parallel.For(0, count, i => questions[i] = new AgentQuestion(ZoomProblem.Create(problems, seed, split, first + i).ToSample(), ZoomPrompt.WithTool));
        var led = new AgentSampler(policy, processor, stopIds, turns).Run(questions, settings, keepRows, cancel);
        return [.. led.Select(Group)];

        RolloutGroup Group(IReadOnlyList<LedConversation> conversations)
        {
            using var scope = NewDisposeScope();
            var group = new RolloutGroup(
                [.. conversations.Select(c => ConversationReward.Of(c.Conversation))],
                conversations.Average(c => c.Conversation.Turns.Sum(t => t.Tokens.Ids.Count)));
            if (keepRows)
            {
                group = group with
                {
                    Features = conversations[0].Last.Features!.narrow(0, 0, Cells).clone().DetachFromDisposeScope(),
                    Rows = [.. conversations.Select(c => withTool.Row(c.Conversation, c.Last))],
                };
                foreach (var conversation in conversations)
                {
                    conversation.Last.Features!.Dispose();
                }
            }

            return group;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        bank?.Dispose();
        withTool.Dispose();
        withoutTool.Dispose();
    }

    // Parts of a cell's size around objects: most of them a cell, the others off by half a cell.
    private IEnumerable<PictureBox> Parts(ZoomScene scene, int count)
    {
        var draws = new Draws(seed, DrawPurpose.Batch, scene.Index);
        for (var i = 0; i < count; i++)
        {
            var cell = draws.Pick(scene.Objects).CellBox;
            yield return draws.Chance(0.85) ? cell : ZoomScene.BoxAt(Shifted(cell.Left), Shifted(cell.Top));
        }

        int Shifted(int start) => Math.Clamp(start + (ZoomScene.CellSide / 2 * draws.From(-1, 1)), 0, ZoomScene.Pixels - ZoomScene.CellSide);
    }

    // For each visual token of a part, the digit whose middle lies in it, or 0.
    private static IEnumerable<long> DigitsIn(ZoomScene scene, PictureBox part) =>
        from row in Enumerable.Range(0, PartSide)
        from column in Enumerable.Range(0, PartSide)
        let token = new PictureBox(
            part.Left + (column * ScenePainter.CellSide), part.Top + (row * ScenePainter.CellSide),
            part.Left + ((column + 1) * ScenePainter.CellSide), part.Top + ((row + 1) * ScenePainter.CellSide))
        select (long)scene.Objects.FirstOrDefault(o => token.Contains(o.Mark.Middle())).Digit;

    private static Tensor? Encode(QwenVlModel model, IReadOnlyList<ConversationRow> rows)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        Tensor[] pixels = [.. rows.Select(r => r.Pixels).OfType<Tensor>()];
        var features = pixels.Length == 0 ? null : model.EncodePatches(cat(pixels, 0), [.. rows.SelectMany(r => r.Grids)]).DetachFromDisposeScope();
        foreach (var part in pixels)
        {
            part.Dispose();
        }

        return features;
    }
}
