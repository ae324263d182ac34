using ActivationReplay.Evaluation.Agents;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Inputs;
using ActivationReplay.Text;
using ActivationReplay.Training.Tasks.Zooming;
using ActivationReplay.Vision;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Data;

/// <summary>A conversation as tokens, without the features of what the tool shows in it.</summary>
/// <param name="Row">The row.</param>
/// <param name="Shown">For each picture of the tool, where in the row's tokens it begins and how many it has.</param>
/// <param name="Pixels">Their patches, one after the other; null where the tool shows nothing. Owned by the caller.</param>
/// <param name="Grids">Their grids.</param>
internal sealed record ConversationRow(
    TrainingRow Row, IReadOnlyList<(int Start, int Count)> Shown, Tensor? Pixels, IReadOnlyList<PatchGrid> Grids)
{
    /// <summary>The row with its pictures' features.</summary>
    /// <param name="features">Features of the tool's pictures, one after the other, [Σ counts, D].</param>
    public TrainingRow With(Tensor features)
    {
        var first = 0L;
        var pictures = new List<RowPicture>();
        foreach (var (start, count) in Shown)
        {
            pictures.Add(new RowPicture(start, features.narrow(0, first, count)));
            first += count;
        }

        return Row with { Pictures = pictures };
    }
}

/// <summary>How a conversation becomes a row: token for token what the agents' loop asks and is answered.</summary>
internal sealed class ConversationFormat : IDisposable
{
    private readonly Processor processor;
    private readonly AgentPrompt prompt;
    private readonly int endOfTurn;
    private readonly int[] header;
    private readonly MediaFile blank;
    private readonly ModelInputs opening;

    /// <summary>Prepares the format.</summary>
    /// <param name="processor">Makes prompts.</param>
    /// <param name="prompt">What the model is told.</param>
    /// <param name="endOfTurn">The token that ends an answer.</param>
    public ConversationFormat(Processor processor, AgentPrompt prompt, int endOfTurn)
    {
        (this.processor, this.prompt, this.endOfTurn) = (processor, prompt, endOfTurn);
        header = [.. processor.Tokenizer.Encode("<|im_start|>assistant\n")];
        blank = PromptFormat.Blank(ZoomScene.Pixels);
        opening = processor.Prepare(prompt.Opening(Asking(""), blank));
        Prefix = new PicturePrefix(opening);
    }

    /// <summary>The prompt up to the picture's end.</summary>
    public PicturePrefix Prefix { get; }

    /// <summary>A written conversation.</summary>
    /// <param name="index">The picture's index in the batch.</param>
    /// <param name="question">The question.</param>
    /// <param name="picture">The picture at full size.</param>
    /// <param name="turns">The model's turns; the tool answers all but the last.</param>
    public ConversationRow Row(int index, string question, RgbImage picture, IReadOnlyList<WrittenTurn> turns)
    {
        var messages = prompt.Opening(Asking(question), blank).ToList();
        foreach (var turn in turns.SkipLast(1))
        {
            var box = turn.Box!.Value;
            var part = ToolAnswer.Part(box.Of(picture), box);
            messages.AddRange([ChatMessage.Assistant(processor.Tokenizer.Encode(turn.Text)), prompt.Response(part, "part")]);
        }

        using var scope = NewDisposeScope();
        using var inputs = processor.Prepare(messages, earlier: opening);
        int[][] spoken = [.. turns.Select(turn => processor.Tokenizer.Encode(turn.Text).ToArray())];
        spoken[^1] = [.. spoken[^1], endOfTurn];
        var before = (int)opening.Pixels!.shape[0];
        var patches = (int)inputs.Pixels!.shape[0] - before;
        return new ConversationRow(
            Row(index, inputs.Ids, inputs.Positions, spoken[^1], [.. Starts(inputs.Ids).Zip(spoken, (start, said) => start..(start + said.Length))]),
            [.. inputs.Spans.Skip(1).Select(span => (span.Start - Prefix.Length, span.Count))],
            patches == 0 ? null : inputs.Pixels.narrow(0, before, patches).clone().DetachFromDisposeScope(),
            [.. inputs.Grids.Skip(1)]);
    }

    /// <summary>A conversation that was led, as a row of picture 0. The features of the tool's pictures are clones, for the caller to dispose.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="last">The prompt of its last turn, with features.</param>
    public TrainingRow Row(Conversation conversation, LastPrompt last)
    {
        using var scope = NewDisposeScope();
        var row = Row(0, last.Ids, last.Positions, conversation.Turns[^1].Tokens.Ids, [.. conversation.Turns.Select(t => t.PromptTokens..(t.PromptTokens + t.Tokens.Ids.Count))]);
        var first = (long)last.Spans[0].Count;
        var pictures = new List<RowPicture>();
        foreach (var span in last.Spans.Skip(1))
        {
            pictures.Add(new RowPicture(span.Start - Prefix.Length, last.Features!.narrow(0, first, span.Count).clone().DetachFromDisposeScope()));
            first += span.Count;
        }

        return row with { Pictures = pictures };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Prefix.Dispose();
        opening.Dispose();
    }

    private TrainingRow Row(
        int index, IReadOnlyList<int> ids, IReadOnlyList<long[]> positions, IReadOnlyList<int> answer, IReadOnlyList<Range> trained)
    {
        var cut = Prefix.Length;
        return new TrainingRow(
            index, [.. ids.Skip(cut), .. answer], [.. trained.Select(range => (range.Start.Value - cut)..(range.End.Value - cut))])
        {
            // After the prompt all axes count on.
            Positions = [.. positions.Select(axis => (long[])[.. axis[cut..], .. answer.Select((_, i) => axis[^1] + 1 + i)])],
        };
    }

    // Where the assistant's turns begin.
    private IEnumerable<int> Starts(IReadOnlyList<int> ids) => Enumerable.Range(0, ids.Count - header.Length + 1)
        .Where(i => header.Index().All(token => ids[i + token.Index] == token.Item)).Select(i => i + header.Length);

    private static Sample Asking(string question) => new("", question, [], "");
}
