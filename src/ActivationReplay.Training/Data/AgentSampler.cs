using ActivationReplay.Evaluation.Agents;
using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using static TorchSharp.torch;

namespace ActivationReplay.Training.Data;

/// <summary>The prompt of a conversation's last turn.</summary>
/// <param name="Ids">Its tokens.</param>
/// <param name="Positions">Its rotary positions, [3][T].</param>
/// <param name="Spans">Its pictures.</param>
/// <param name="Features">Their features, [N, D]; null unless kept. Owned by whoever asked.</param>
internal sealed record LastPrompt(
    IReadOnlyList<int> Ids, IReadOnlyList<long[]> Positions, IReadOnlyList<VisualSpan> Spans, Tensor? Features);

/// <summary>A conversation that was led to its end.</summary>
/// <param name="Conversation">What was said.</param>
/// <param name="Last">The prompt of its last turn.</param>
internal sealed record LedConversation(Conversation Conversation, LastPrompt Last);

/// <summary>Leads conversations with the agents' loop and the batched generator, on several threads with a model each.</summary>
/// <param name="models">The models.</param>
/// <param name="processor">Makes prompts.</param>
/// <param name="stopIds">Ids that end a turn.</param>
/// <param name="turns">The most turns of a conversation.</param>
internal sealed class AgentSampler(IReadOnlyList<QwenVlModel> models, Processor processor, IReadOnlyList<int> stopIds, int turns)
{
    private const int AnswersPerBatch = 128;

    /// <summary>Leads as many conversations about each question as the settings say.</summary>
    /// <param name="questions">The questions.</param>
    /// <param name="settings">The settings of each turn; seed, question, turn and conversation decide every draw.</param>
    /// <param name="keepFeatures">Whether to give the visual features, too; the caller disposes them.</param>
    /// <param name="cancel">Cancels within one decoding step.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was cancelled.</exception>
    public IReadOnlyList<IReadOnlyList<LedConversation>> Run(
        IReadOnlyList<AgentQuestion> questions, GenerationSettings settings, bool keepFeatures, CancellationToken cancel)
    {
        var results = new IReadOnlyList<LedConversation>[questions.Count];
        int[][] batches = [.. Enumerable.Range(0, questions.Count).Chunk(Math.Max(1, AnswersPerBatch / settings.Samples))];
        foreach (var round in batches.Chunk(models.Count))
        {
            cancel.ThrowIfCancellationRequested();
            Parallel.For(0, round.Length, new ParallelOptions { CancellationToken = cancel }, worker =>
            {
                using var scope = NewDisposeScope();
                using var quiet = no_grad();
                using var products = Products.Hold(models[worker]);
                foreach (var (place, led) in round[worker].Zip(new Batch(models[worker], settings, keepFeatures, cancel).Run(processor, stopIds, turns, questions, round[worker])))
                {
                    results[place] = led;
                }
            });
        }

        return results;
    }

    // Conversations that one thread leads side by side.
    private sealed class Batch(QwenVlModel model, GenerationSettings settings, bool keepFeatures, CancellationToken cancel)
    {
        private readonly Dictionary<Conversation, (int Question, int Sample)> places = [];
        private readonly Dictionary<Conversation, LastPrompt> last = [];
        private TextGenerator? generator;

        public IEnumerable<IReadOnlyList<LedConversation>> Run(
            Processor processor, IReadOnlyList<int> stopIds, int turns, IReadOnlyList<AgentQuestion> questions, IReadOnlyList<int> asked)
        {
            foreach (var place in asked)
            {
                for (var sample = 0; sample < settings.Samples; sample++)
                {
                    places.Add(new Conversation(questions[place]), (place, sample));
                }
            }

            var loop = new AgentLoop(processor, new AgentSettings
            {
                Turns = turns,
                MaxNewTokens = settings.MaxNewTokens,
                ContextTokens = model.Config.Text.MaxPositions,
            });
            generator = new TextGenerator(model, stopIds) { Until = loop.Until };
            loop.Run([.. places.Keys], Answer, cancel: cancel);
            return asked.Select(place => (IReadOnlyList<LedConversation>)
                [.. places.Where(p => p.Value.Question == place).Select(p => new LedConversation(p.Key, last[p.Key]))]);
        }

        // Conversations with the same prompt share its prefill.
        private TurnTokens?[] Answer(IReadOnlyList<Conversation> open)
        {
            var groups = open.GroupBy(c => c.Inputs!).ToList();
            EncodedPrompt[] prompts = [.. groups.Select(g => EncodedPrompt.Encode(model, g.Key))];
            try
            {
                var answers = generator!.Generate([.. groups.Zip(prompts, (group, prompt) => new GenerationRequest(
                    prompt, Intervention.None, settings with { Seed = SeedOf(group.First()), Samples = group.Count() }))], cancel);
                var turns = new Dictionary<Conversation, TurnTokens>();
                foreach (var (g, group) in groups.Index())
                {
                    foreach (var (conversation, answer) in group.Zip(answers[g]))
                    {
                        turns[conversation] = new TurnTokens(answer.Ids, answer.Finished);
                        Keep(conversation, group.Key, prompts[g]);
                    }
                }

                return [.. open.Select(c => turns[c])];
            }
            finally
            {
                foreach (var prompt in prompts)
                {
                    prompt.Dispose();
                }
            }
        }

        private ulong SeedOf(Conversation conversation)
        {
            var (question, sample) = places[conversation];
            return settings.Seed + (ulong)question + ((ulong)conversation.Turns.Count << 40) + ((ulong)sample << 44);
        }

        private void Keep(Conversation conversation, ModelInputs inputs, EncodedPrompt prompt)
        {
            if (last.TryGetValue(conversation, out var before))
            {
                before.Features?.Dispose();
            }

            last[conversation] = new LastPrompt(
                inputs.Ids, inputs.Positions, inputs.Spans, keepFeatures ? prompt.Features!.clone().DetachFromDisposeScope() : null);
        }
    }
}
