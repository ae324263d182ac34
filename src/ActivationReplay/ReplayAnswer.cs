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
/// <param name="Text">The decoded tokens without special ones.</param>
/// <param name="Ids">The new tokens, the stop token kept.</param>
/// <param name="Finished">The model ended it; false where the limit of new tokens cut it off.</param>
public sealed record AnswerText(string Text, IReadOnlyList<int> Ids, bool Finished);

/// <summary>A token of an answer that is being generated.</summary>
/// <param name="Method">The method whose answer it is.</param>
/// <param name="Sequence">The index of the answer, where several are sampled.</param>
/// <param name="Id">The token.</param>
/// <param name="Text">
/// The text that it adds. It is empty for special tokens, and where a character's last byte is still to come; the texts of
/// a sequence put together are the answer's.
/// </param>
/// <param name="IsLast">No token follows in this sequence.</param>
public readonly record struct AnswerToken(string Method, int Sequence, int Id, string Text, bool IsLast);

/// <summary>
/// Wall-clock seconds of an answer by part. Methods that are asked together share work: what one of them made stands in full
/// with each that used it, and prefill and decoding are an equal share of their batch.
/// </summary>
/// <param name="Preparation">Pictures to pixel values, text to tokens.</param>
/// <param name="Vision">The vision tower.</param>
/// <param name="Recording">The recorded passes, and choosing positions and targets.</param>
/// <param name="Loop">The optimisation.</param>
/// <param name="Prefill">The prompt's pass before the first token.</param>
/// <param name="Decoding">Choosing tokens and computing those after the first.</param>
public sealed record AnswerTimes(double Preparation, double Vision, double Recording, double Loop, double Prefill, double Decoding)
{
    /// <summary>All parts together.</summary>
    public double Total => Preparation + Vision + Recording + Loop + Prefill + Decoding;
}

/// <summary>What a method answered, and how it came about. Plain data; nothing to dispose.</summary>
public sealed record ReplayAnswer
{
    /// <summary>The method's name.</summary>
    public required string Method { get; init; }

    /// <summary>The model that answered.</summary>
    public required ModelRole Answerer { get; init; }

    /// <summary>What the method was told.</summary>
    public required MethodSettings Settings { get; init; }

    /// <summary>
    /// The answers, as many as <see cref="Generation.GenerationSettings.Samples"/> asked for. None where the loop's loss became
    /// infinite or NaN (see <see cref="OptimisationTrace.BrokenStep"/>): such offsets are no numbers to answer with.
    /// </summary>
    public required IReadOnlyList<AnswerText> Answers { get; init; }

    /// <summary>What the optimisation did; null where the method has none, or the question no pictures.</summary>
    public OptimisationTrace? Loop { get; init; }

    /// <summary>T, the prompt's tokens.</summary>
    public required int PromptTokens { get; init; }

    /// <summary>N, those of pictures and videos.</summary>
    public required int VisualTokens { get; init; }

    /// <summary>What it took.</summary>
    public required AnswerTimes Times { get; init; }

    /// <summary>The loss before each step, nats a learnable token; empty where there was no loop.</summary>
    public IReadOnlyList<double> Losses => Loop?.Losses ?? [];

    /// <summary>The text of the first answer.</summary>
    /// <exception cref="InvalidOperationException">The loop diverged, and there is no answer.</exception>
    public string Text => Answers.Count > 0
        ? Answers[0].Text
        : throw new InvalidOperationException(
            $"{Method} has no answer: the loss is not finite at step {Loop?.BrokenStep}. Lower the learning rate.");
}

/// <summary>The answers of one question side by side.</summary>
/// <param name="Base">The base model's alone.</param>
/// <param name="Rlvr">The RLVR model's alone.</param>
/// <param name="Replay">The RLVR model's with Activation Replay.</param>
public sealed record ReplayComparison(ReplayAnswer Base, ReplayAnswer Rlvr, ReplayAnswer Replay);
