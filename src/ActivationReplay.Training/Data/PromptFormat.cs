using ActivationReplay.Inputs;
using ActivationReplay.Native;
using ActivationReplay.Text;
using ActivationReplay.Training.Tasks;
using ActivationReplay.Vision;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Data;

/// <summary>How a picture and a question become tokens: the checkpoint's own chat template, cut after the picture.</summary>
internal sealed class PromptFormat : IDisposable
{
    private readonly Processor processor;
    private readonly MediaFile blank;
    private readonly int endOfAnswer;
    private readonly int pictureEnd;
    private readonly long textStart;
    private readonly Dictionary<string, int[]> questions = new(StringComparer.Ordinal);

    /// <summary>Prepares the format for pictures of <paramref name="side"/> × <paramref name="side"/> cells.</summary>
    public PromptFormat(Processor processor, int endOfAnswer, int side)
    {
        this.processor = processor;
        this.endOfAnswer = endOfAnswer;
        var pixels = side * ScenePainter.CellSide;
        var picture = new RgbImage(pixels, pixels, new byte[pixels * pixels * RgbImage.Channels]);
        blank = MediaFile.FromBytes("blank", PngEncoder.Encode(picture));
        using var inputs = Prompt("", blank);
        pictureEnd = inputs.Spans[0].End;
        PrefixIds = [.. inputs.Ids.Take(pictureEnd)];
        FirstVisual = inputs.Spans[0].Start;
        textStart = inputs.Positions[0][pictureEnd];
        using var scope = NewDisposeScope();
        var axes = inputs.Positions.Select(axis => tensor(axis[..pictureEnd])).ToArray();
        PrefixPositions = stack(axes).unsqueeze(1).DetachFromDisposeScope();
    }

    /// <summary>Tokens up to the last visual one, [Tp].</summary>
    public IReadOnlyList<int> PrefixIds { get; }

    /// <summary>Position of the first visual token; the others follow it.</summary>
    public int FirstVisual { get; }

    /// <summary>Rotary positions of the prefix, [3, 1, Tp].</summary>
    public Tensor PrefixPositions { get; }

    /// <summary>Rotary positions of <paramref name="count"/> tokens after the picture, [3, 1, count].</summary>
    public Tensor TextPositions(long count) => arange(Scalars.Of(textStart), Scalars.Of(textStart + count), Scalars.One).view(1, 1, count).expand(3, -1, -1);

    /// <summary>A question with an answer after it.</summary>
    public TrainingRow Row(int picture, string question, string answer) =>
        Row(picture, question, [.. processor.Tokenizer.Encode(answer), endOfAnswer]);

    /// <summary>A question with a generated answer after it.</summary>
    public TrainingRow Row(int picture, string question, IReadOnlyList<int> answer)
    {
        var before = Question(question);
        return new TrainingRow(picture, [.. before, .. answer], before.Length);
    }

    /// <summary>The whole prompt for generation.</summary>
    public ModelInputs Prompt(string question, MediaFile picture) =>
        processor.Prepare([new ChatMessage("user", [new ImagePart(picture), new TextPart(question)])]);

    /// <inheritdoc/>
    public void Dispose() => PrefixPositions.Dispose();

    private int[] Question(string text)
    {
        if (!questions.TryGetValue(text, out var ids))
        {
            using var inputs = Prompt(text, blank);
            questions[text] = ids = [.. inputs.Ids.Skip(pictureEnd)];
        }

        return ids;
    }
}
