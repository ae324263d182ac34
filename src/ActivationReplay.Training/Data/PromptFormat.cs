using ActivationReplay.Inputs;
using ActivationReplay.Text;
using ActivationReplay.Vision;

namespace ActivationReplay.Training.Data;

/// <summary>How a picture or clip and a question become tokens: the checkpoint's own chat template, cut after the picture.</summary>
internal sealed class PromptFormat : IDisposable
{
    private readonly Processor processor;
    private readonly ContentPart blank;
    private readonly int endOfAnswer;
    private readonly Dictionary<string, int[]> questions = new(StringComparer.Ordinal);

    /// <summary>Prepares the format for pictures or clips of the size of <paramref name="blank"/>.</summary>
    public PromptFormat(Processor processor, int endOfAnswer, ContentPart blank)
    {
        this.processor = processor;
        this.endOfAnswer = endOfAnswer;
        this.blank = blank;
        using var inputs = Prompt("");
        Prefix = new PicturePrefix(inputs);
    }

    /// <summary>The prompt up to the picture's end.</summary>
    public PicturePrefix Prefix { get; }

    /// <summary>A black picture, to find out how a prompt is laid out.</summary>
    public static MediaFile Blank(int pixels) =>
        MediaFile.FromPixels("blank", new RgbImage(pixels, pixels, new byte[pixels * pixels * RgbImage.Channels]));

    /// <summary>A question with an answer after it.</summary>
    public TrainingRow Row(int picture, string question, string answer) =>
        Row(picture, question, [.. processor.Tokenizer.Encode(answer), endOfAnswer]);

    /// <summary>A question with a generated answer after it.</summary>
    public TrainingRow Row(int picture, string question, IReadOnlyList<int> answer) => new(picture, Question(question), answer);

    /// <summary>The whole prompt for generation.</summary>
    private ModelInputs Prompt(string question) => processor.Prepare([new ChatMessage("user", [blank, new TextPart(question)])]);

    /// <inheritdoc/>
    public void Dispose() => Prefix.Dispose();

    private int[] Question(string text)
    {
        if (!questions.TryGetValue(text, out var ids))
        {
            using var inputs = Prompt(text);
            questions[text] = ids = [.. inputs.Ids.Skip(Prefix.Length)];
        }

        return ids;
    }
}
