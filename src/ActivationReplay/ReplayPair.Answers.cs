using System.Diagnostics;
using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Replay;
using ActivationReplay.Replay.Methods;
using ActivationReplay.Replay.Recordings;
using ActivationReplay.Text;

namespace ActivationReplay;

/// <content>Answers by methods.</content>
public sealed partial class ReplayPair
{
    /// <summary>Answers a question by a method: <c>replay</c>, another of <see cref="ReplayMethods.Ids"/>, or a registered one.</summary>
    /// <param name="question">The question.</param>
    /// <param name="method">The method's name.</param>
    /// <param name="settings">What the method does, in the record that it takes; null takes <see cref="Defaults"/>.</param>
    /// <param name="generation">How tokens are chosen, and of how many answers; null is greedy, one.</param>
    /// <param name="onToken">
    /// Called for each token as it is chosen, on the calling thread, the tokens of several answers in turns. It must not
    /// dispose the pair; an exception that it throws ends the answer and reaches the caller.
    /// </param>
    /// <param name="cancel">Gives up, within a step of the loop or a token of decoding.</param>
    /// <exception cref="ArgumentException">There is no such method, or the settings are another's; the message says what is allowed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The settings name a layer that the models lack.</exception>
    /// <exception cref="Vision.MediaException">A picture or video cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Given up.</exception>
    /// <exception cref="ObjectDisposedException">The pair is disposed.</exception>
    public ReplayAnswer Answer(
        Question question,
        string method = "replay",
        MethodSettings? settings = null,
        GenerationSettings? generation = null,
        Action<AnswerToken>? onToken = null,
        CancellationToken cancel = default) =>
        Answers(question, [new(method, settings)], generation, onToken, cancel)[0];

    /// <summary>Answers a question as base, as RLVR, and as RLVR with Activation Replay.</summary>
    /// <inheritdoc cref="Answers"/>
    public ReplayComparison Compare(
        Question question,
        ReplaySettings? settings = null,
        GenerationSettings? generation = null,
        Action<AnswerToken>? onToken = null,
        CancellationToken cancel = default)
    {
        var answers = Answers(question, ["base", "none", new("replay", settings)], generation, onToken, cancel);
        return new ReplayComparison(answers[0], answers[1], answers[2]);
    }

    /// <summary>
    /// Answers a question by several methods, which share its vision passes and recordings; what one model answers is one
    /// batch.
    /// </summary>
    /// <param name="question">The question.</param>
    /// <param name="methods">The methods, by name alone or with settings.</param>
    /// <param name="generation">How tokens are chosen, and of how many answers a method; null is greedy, one.</param>
    /// <param name="onToken">Called for each token as it is chosen, on the calling thread, the tokens of all answers in turns.</param>
    /// <param name="cancel">Gives up, within a step of the loop or a token of decoding.</param>
    /// <returns>An answer a method, in their order.</returns>
    /// <inheritdoc cref="Answer" path="/exception"/>
    public IReadOnlyList<ReplayAnswer> Answers(
        Question question,
        IReadOnlyList<AskedMethod> methods,
        GenerationSettings? generation = null,
        Action<AnswerToken>? onToken = null,
        CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(methods);
        Asked[] asked =
            [.. methods.Select(m => (Method: ReplayMethods.Get(m.Method), m.Settings)).Select(m => new Asked(m.Method, m.Settings ?? m.Method.Defaults(Layers)))];
        foreach (var (method, own) in asked)
        {
            method.Check(own, Layers);
        }

        lock (turn)
        {
            CheckTurn(cancel);
            var watch = Stopwatch.StartNew();
            var source = SourceOf(question);
            using var inputs = source.Prepare();
            var preparation = watch.Elapsed.TotalSeconds;
            CheckTurn(cancel);
            using var context = Context(inputs, source, cancel);
            var needing = asked.Select(a => (a.Method, a.Settings)).ToArray();
            var answers = new ReplayAnswer[asked.Length];
            var drawn = generation ?? new GenerationSettings();
            drawn = question.Id is { } id ? drawn.For(id) : drawn;
            foreach (var phase in Models == ModelsInMemory.Both ? [PairPhase.Both] : PairPhase.OneAtATime(needing))
            {
                CheckTurn(cancel);
                if (phase.Role is { } role)
                {
                    context.Exchange(role, Model(role));
                }

                context.Record(phase.Needs(needing), keepTargets: phase.Role is not null);
                Answer([.. Enumerable.Range(0, asked.Length).Where(i => phase.IsAnswered(asked[i].Method))]);
            }

            return answers;

            void Answer(int[] indices)
            {
                var prepared = new Dictionary<int, PreparedVariants>();
                try
                {
                    foreach (var i in indices)
                    {
                        CheckTurn(cancel);
                        prepared[i] = PreparedVariants.Of(asked[i].Method, context, [asked[i].Settings]);
                        answers[i] = Unanswered(asked[i], prepared[i], inputs, preparation);
                    }

                    foreach (var batch in indices.Where(i => answers[i].Loop?.BrokenStep is null).GroupBy(i => answers[i].Answerer))
                    {
                        CheckTurn(cancel);
                        Generate(batch.Key, [.. batch], prepared);
                    }
                }
                finally
                {
                    foreach (var one in prepared.Values)
                    {
                        one.Dispose();
                    }
                }
            }

            void Generate(ModelRole answerer, int[] indices, Dictionary<int, PreparedVariants> prepared)
            {
                var generator = Generator(answerer, Named(onToken, [.. indices.Select(i => answers[i].Method)]));
                var sequences = generator.Generate(
                    [.. indices.Select(i => new GenerationRequest(context.Encoded(answerer), prepared[i].Preparations[0].Intervention, drawn))], cancel);
                foreach (var (i, own) in indices.Zip(sequences))
                {
                    answers[i] = answers[i] with
                    {
                        Answers = [.. own.Select(TextOf)],
                        Times = answers[i].Times with
                        {
                            Prefill = generator.Seconds.Prefill / indices.Length,
                            Decoding = generator.Seconds.Decode / indices.Length,
                        },
                    };
                }
            }
        }
    }

    private static ReplayAnswer Unanswered(Asked asked, PreparedVariants prepared, ModelInputs inputs, double preparation)
    {
        var (own, loop) = (prepared.Preparations[0], prepared.Preparations[0].Trace);
        return new ReplayAnswer
        {
            Method = asked.Method.Id,
            Answerer = own.Answerer,
            Settings = asked.Settings,
            Answers = [],
            Loop = loop,
            PromptTokens = inputs.Length,
            VisualTokens = inputs.VisualPositions.Count,
            Times = new AnswerTimes(preparation, prepared.Vision, prepared.Recording, loop?.Seconds ?? 0, Prefill: 0, Decoding: 0),
        };
    }

    private AnswerText TextOf(GeneratedSequence sequence) =>
        new(Processor.Tokenizer.Decode(sequence.Ids), sequence.Ids, sequence.Finished);

    // Tokens of a batch as those of answers, a name a request.
    private Action<GeneratedToken>? Named(Action<AnswerToken>? onToken, IReadOnlyList<string> names)
    {
        if (onToken is null)
        {
            return null;
        }

        var texts = new Dictionary<(int, int), StreamedText>();
        return token =>
        {
            if (!texts.TryGetValue((token.Request, token.Sequence), out var text))
            {
                texts[(token.Request, token.Sequence)] = text = new StreamedText(Processor.Tokenizer);
            }

            onToken(new AnswerToken(names[token.Request], token.Sequence, token.Id, text.Add(token.Id, token.IsLast), token.IsLast));
        };
    }

    private sealed record Asked(IReplayMethod Method, MethodSettings Settings);
}
