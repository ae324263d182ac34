using ActivationReplay.Replay;
using ActivationReplay.Replay.Objective;
using ActivationReplay.Replay.Recordings;

namespace ActivationReplay;

/// <summary>A method that is asked for, by its name.</summary>
/// <param name="Method">One of <see cref="Replay.Methods.ReplayMethods.Ids"/>.</param>
/// <param name="Settings">What it does, in the record that it takes; null takes its defaults for the pair's depth.</param>
public readonly record struct AskedMethod(string Method, MethodSettings? Settings = null)
{
    /// <summary>A method with its defaults.</summary>
    public static implicit operator AskedMethod(string method) => new(method);
}

/// <summary>One sampled answer.</summary>
/// <param name="Text">The decoded tokens, without special tokens.</param>
/// <param name="Ids">The ids of the new tokens, with the stop token.</param>
/// <param name="Finished">Whether the model ended the answer, and not the limit of new tokens.</param>
public sealed record AnswerText(string Text, IReadOnlyList<int> Ids, bool Finished);

/// <summary>A token of an answer that is being generated.</summary>
/// <param name="Method">The method whose answer it is.</param>
/// <param name="Sequence">The index of the answer among the sampled ones, from 0.</param>
/// <param name="Id">The token's id.</param>
/// <param name="Text">
/// The text that the token adds: empty for special tokens, and while the last byte of a character is missing. The texts of a
/// sequence concatenate to the answer's text.
/// </param>
/// <param name="IsLast">Whether the sequence ends here.</param>
public readonly record struct AnswerToken(string Method, int Sequence, int Id, string Text, bool IsLast);

/// <summary>
/// Wall-clock seconds of an answer by part. Methods that answer together share work: vision and recordings count in full for each
/// method that uses them; prefill and decoding are those of the batch divided by its answers.
/// </summary>
/// <param name="Preparation">Preprocessing: pictures to pixel values, text to tokens.</param>
/// <param name="Vision">The passes of the vision tower.</param>
/// <param name="Recording">The recordings, and the choice of positions and targets.</param>
/// <param name="Loop">The optimisation loop.</param>
/// <param name="Prefill">The pass over the prompt.</param>
/// <param name="Decoding">The choice of tokens and the decoding steps.</param>
public sealed record AnswerTimes(double Preparation, double Vision, double Recording, double Loop, double Prefill, double Decoding)
{
    /// <summary>The sum of all parts.</summary>
    public double Total => Preparation + Vision + Recording + Loop + Prefill + Decoding;
}

/// <summary>The answers of one method to one question, with the course of its optimisation and its times. Plain data.</summary>
public sealed record ReplayAnswer
{
    /// <summary>The method's name.</summary>
    public required string Method { get; init; }

    /// <summary>The model that answered.</summary>
    public required ModelRole Answerer { get; init; }

    /// <summary>The settings of the method.</summary>
    public required MethodSettings Settings { get; init; }

    /// <summary>
    /// The answers, <see cref="Generation.GenerationSettings.Samples"/> in number; none if the loss of the loop became infinite or
    /// NaN (<see cref="OptimisationTrace.BrokenStep"/>), so that there are no offsets to answer with.
    /// </summary>
    public required IReadOnlyList<AnswerText> Answers { get; init; }

    /// <summary>The course of the optimisation; null if the method has none, or the question has no pictures.</summary>
    public OptimisationTrace? Loop { get; init; }

    /// <summary>T, the number of prompt tokens.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>N, the number of visual tokens among them.</summary>
    public required int VisualTokens { get; init; }

    /// <summary>The wall-clock seconds by part.</summary>
    public required AnswerTimes Times { get; init; }

    /// <summary>The loss before each step, in nats per learnable token; empty without a loop.</summary>
    public IReadOnlyList<double> Losses => Loop?.Losses ?? [];

    /// <summary>The text of the first answer.</summary>
    /// <exception cref="InvalidOperationException">The loop diverged, and there is no answer.</exception>
    public string Text => Answers.Count > 0
        ? Answers[0].Text
        : throw new InvalidOperationException(
            $"{Method} has no answer: the loss is not finite at step {Loop?.BrokenStep}. Lower the learning rate.");
}

/// <summary>The answers of one question side by side.</summary>
/// <param name="Base">The answer of the base model.</param>
/// <param name="Rlvr">The answer of the RLVR model.</param>
/// <param name="Replay">The answer of the RLVR model with Activation Replay.</param>
public sealed record ReplayComparison(ReplayAnswer Base, ReplayAnswer Rlvr, ReplayAnswer Replay);
