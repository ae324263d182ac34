using ActivationReplay.Evaluation.Agents;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Inputs;
using ActivationReplay.Text;
using ActivationReplay.Training.Tasks.Zooming;
using ActivationReplay.Vision;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Data;

/// <summary>How a conversation becomes a row: token for token what the agent's loop would ask and be answered.</summary>
internal sealed class ConversationFormat : IDisposable
{
    private readonly Processor processor;
    private readonly AgentPrompt prompt;
    private readonly int turnStart;
    private readonly int turnHeader;
    private readonly int endOfTurn;
    private readonly MediaFile blank;
    private readonly ModelInputs opening;

    /// <summary>Prepares the format.</summary>
    /// <param name="processor">Makes prompts.</param>
    /// <param name="prompt">What the model is told.</param>
    /// <param name="endOfTurn">The token that ends an answer.</param>
    public ConversationFormat(Processor processor, AgentPrompt prompt, int endOfTurn)
    {
        (this.processor, this.prompt, this.endOfTurn) = (processor, prompt, endOfTurn);
        var header = processor.Tokenizer.Encode("<|im_start|>assistant\n");
        (turnStart, turnHeader) = (header[0], header.Count);
        blank = MediaFile.FromPixels("blank", new RgbImage(
            ZoomScene.Pixels, ZoomScene.Pixels, new byte[ZoomScene.Pixels * ZoomScene.Pixels * RgbImage.Channels]));
        opening = processor.Prepare(prompt.Opening(Asking(""), blank));
        Prefix = new PicturePrefix(opening);
    }

    /// <summary>The prompt up to the picture's end.</summary>
    public PicturePrefix Prefix { get; }

    /// <summary>A written conversation as a row, and the patches of what the tool shows in it; null where it shows nothing.</summary>
    /// <param name="question">The question.</param>
    /// <param name="picture">The picture at full size.</param>
    /// <param name="turns">The model's turns.</param>
    public (TrainingRow Row, VisionPatchesOfRow? Shown) Row(int index, string question, RgbImage picture, IReadOnlyList<WrittenTurn> turns)
    {
        var messages = prompt.Opening(Asking(question), blank).ToList();
        foreach (var turn in turns.SkipLast(1))
        {
            var box = turn.Box!.Value;
            var part = ToolAnswer.Part(picture.Part(box.Left, box.Top, box.Width, box.Height), box);
            messages.AddRange([ChatMessage.Assistant(processor.Tokenizer.Encode(turn.Text)), prompt.Response(part, "part")]);
        }

        throw new NotImplementedException();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Prefix.Dispose();
        opening.Dispose();
    }

    private static Sample Asking(string question) => new("", question, [], "", null);
}
