using static TorchSharp.torch;

namespace ActivationReplay;

/// <summary>How many models of a pair are in memory.</summary>
public enum ModelsInMemory
{
    /// <summary>Both, all the time.</summary>
    Both,

    /// <summary>
    /// One at a time, for the same answers in half the memory: base is recorded and let go before RLVR is loaded. Loading them
    /// anew for each question takes time; the runner does it for a stretch of questions.
    /// </summary>
    One,
}

/// <summary>How <see cref="ReplayPair.Open(string, PairOptions?)"/> loads a pair.</summary>
public sealed record PairOptions
{
    /// <summary>
    /// The type of weights and activations. Float32 is the fastest on CPUs; BFloat16 is the published type and takes half the
    /// memory; null keeps each checkpoint's stored type, whose weights are mapped from disk without a copy.
    /// </summary>
    public ScalarType? Type { get; init; } = ScalarType.Float32;

    /// <summary>
    /// The device of the weights and of all computation: <c>cpu</c>, <c>cuda</c> (the first GPU) or <c>cuda:N</c>; or one for each
    /// model, <c>base=cuda:0,rlvr=cuda:1</c>: what one model recorded goes to the other's device where it is used.
    /// </summary>
    public string Device { get; init; } = "cpu";

    /// <summary>How the temporal positions of videos count.</summary>
    public Inputs.TemporalPositions Temporal { get; init; }

    /// <summary>How many models are in memory.</summary>
    public ModelsInMemory Models { get; init; }

    /// <summary>Rows of logits over the whole vocabulary at a time; null is the engine's own choice, 64 MB of them.</summary>
    public long? VocabularyRows { get; init; }

    /// <summary>
    /// Whether a GPU computes fp32 with 10 bits of mantissa (TF32): faster, with relative errors near 1e-3. It holds for the process.
    /// </summary>
    public bool Tf32 { get; init; }
}
