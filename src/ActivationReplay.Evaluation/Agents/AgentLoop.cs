using System.Globalization;
using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Text;
using ActivationReplay.Vision;

namespace ActivationReplay.Evaluation.Agents;

/// <summary>Answers the next turn of conversations, each given its prompt.</summary>
/// <param name="open">The conversations, of which those with the same prompt share <see cref="Conversation.Inputs"/>.</param>
/// <returns>A turn for each, in their order; null for one that has failed (<see cref="Conversation.Fail"/>).</returns>
public delegate IReadOnlyList<TurnTokens?> AnswerTurns(IReadOnlyList<Conversation> open);

/// <summary>
/// Leads conversations side by side: prepares the prompts, has a turn of each answered, carries out the calls. It ends each by the
/// first of these: a turn holds <c>&lt;/answer&gt;</c>, makes no call, the turns or the context are used up.
/// </summary>
/// <param name="processor">Makes the prompts.</param>
/// <param name="settings">The bounds of a conversation.</param>
public sealed class AgentLoop(Processor processor, AgentSettings settings)
{
    // Of StopText's first token; the text of a call that was stopped there is whole with it.
    private readonly int callEnd = processor.Tokenizer.Encode(CallParser.End)[0];

    /// <summary>The text that ends a turn beside the stop tokens, for the generator.</summary>
    public StopText Until { get; } = new(processor.Tokenizer, CallParser.End, settings.Stop == AgentStop.Released);

    /// <summary>Leads conversations to their ends.</summary>
    /// <param name="conversations">The conversations.</param>
    /// <param name="answer">Answers a turn of those that are open.</param>
    /// <param name="onTurn">Called after each turn of a conversation, if given.</param>
    /// <param name="cancel">Gives up between two turns; the delegate gives up within one.</param>
    /// <exception cref="OperationCanceledException">Given up.</exception>
    public void Run(
        IReadOnlyList<Conversation> conversations, AnswerTurns answer, Action<Conversation>? onTurn = null, CancellationToken cancel = default)
    {
        IReadOnlyList<ModelInputs> prompts = [];
        try
        {
            while (true)
            {
                cancel.ThrowIfCancellationRequested();
                prompts = Prepare([.. conversations.Where(c => c.End is null)], prompts);
                Conversation[] open = [.. conversations.Where(c => c.End is null)];
                if (open.Length == 0)
                {
                    return;
                }

                foreach (var (conversation, tokens) in open.Zip(answer(open)))
                {
                    if (tokens is not null && conversation.End is null)
                    {
                        Take(conversation, tokens);
                        onTurn?.Invoke(conversation);
                    }
                }
            }
        }
        finally
        {
            Free(conversations, prompts);
        }
    }

    // A prompt for those that share it. The pictures of the turn before are not read again.
    private List<ModelInputs> Prepare(IReadOnlyList<Conversation> open, IReadOnlyList<ModelInputs> before)
    {
        var made = new List<ModelInputs>();
        var leaders = new List<Conversation>();
        try
        {
            foreach (var conversation in open)
            {
                if (leaders.Find(conversation.HasPromptOf) is { } twin)
                {
                    conversation.Share(twin);
                    continue;
                }

                leaders.Add(conversation);
                if (Prompt(conversation) is { } inputs)
                {
                    made.Add(inputs);
                }
            }
        }
        catch
        {
            Free([], made);
            throw;
        }

        Free([], before);
        return made;
    }

    // Null where the conversation ends for want of a prompt: one bad picture does not end the others.
    private ModelInputs? Prompt(Conversation conversation)
    {
        try
        {
            var inputs = processor.Prepare(conversation.Messages, settings.Limits, earlier: conversation.Inputs);
            conversation.Inputs = inputs;
            if (inputs.Length + (long)settings.MaxNewTokens > settings.ContextTokens)
            {
                conversation.Finish(ConversationEnd.ContextUsedUp);
            }

            return inputs;
        }
        catch (MediaException e)
        {
            conversation.Fail(e.Message);
            return null;
        }
    }

    private void Take(Conversation conversation, TurnTokens tokens)
    {
        var (question, inputs) = (conversation.Question, conversation.Inputs!);
        var text = TextOf(tokens.Ids);
        var isAnswer = text.Contains(Conversation.AnswerEnd, StringComparison.Ordinal);
        var said = isAnswer ? null : question.Prompt.Answer(text, View(question, inputs));
        conversation.Add(new AgentTurn(text, tokens, inputs.Length, inputs.VisualPositions.Count, said));
        if (isAnswer)
        {
            conversation.Finish(ConversationEnd.Answered);
        }
        else if (said is null)
        {
            conversation.Finish(ConversationEnd.NoCall);
        }
        else if (conversation.Turns.Count == settings.Turns)
        {
            conversation.Finish(ConversationEnd.TurnsUsedUp);
        }
        else
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{question.Sample.Id}, turn {conversation.Turns.Count}, {said.Box}");
            conversation.Say(ChatMessage.Assistant(Body(tokens)), question.Prompt.Response(said, name));
        }
    }

    // A call that stopped at the first token of its end is ended by it.
    private string TextOf(IReadOnlyList<int> ids)
    {
        var text = processor.Tokenizer.Decode(ids);
        if (settings.Stop == AgentStop.Released && ids.Count > 0 && ids[^1] == callEnd && CallParser.Read(text) is { Refusal: CallRefusal.NotClosed })
        {
            return processor.Tokenizer.Decode(ids.Take(ids.Count - 1)) + CallParser.End;
        }

        return text;
    }

    // The template writes the end of a turn itself.
    private int[] Body(TurnTokens turn) =>
        [.. turn.Finished && processor.Tokenizer.IsSpecial(turn.Ids[^1]) ? turn.Ids.Take(turn.Ids.Count - 1) : turn.Ids];

    private PictureView View(AgentQuestion question, ModelInputs inputs)
    {
        var (span, side) = (inputs.Spans[0], processor.Images.Config.Factor);
        return new PictureView(question.Picture, span.W * side, span.H * side);
    }

    private static void Free(IEnumerable<Conversation> conversations, IReadOnlyList<ModelInputs> prompts)
    {
        foreach (var conversation in conversations)
        {
            conversation.Inputs = null;
        }

        foreach (var inputs in prompts)
        {
            inputs.Dispose();
        }
    }
}
