using ActivationReplay.Training.Weights;

namespace ActivationReplay.Training.Stages;

/// <summary>Settings of the reinforcement stage, group-relative policy optimisation (Shao et al. 2024, arXiv 2402.03300).</summary>
public sealed record GrpoSettings
{
    /// <summary>Batches of rollouts.</summary>
    public int Steps { get; init; } = 200;

    /// <summary>Problems a batch.</summary>
    public int Prompts { get; init; } = 24;

    /// <summary>Answers to each problem: a group.</summary>
    public int Answers { get; init; } = 8;

    /// <summary>Temperature of the rollouts.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Tokens after which an answer is cut off and worth nothing.</summary>
    public int MaxNewTokens { get; init; } = 64;

    /// <summary>Turns after which a conversation with a tool is worth nothing.</summary>
    public int Turns { get; init; } = 4;

    /// <summary>Updates on each batch.</summary>
    public int Updates { get; init; } = 1;

    /// <summary>ε: the ratio of new to old probability counts within 1 ± ε.</summary>
    public double ClipRatio { get; init; } = 0.2;

    /// <summary>Weight of the divergence from the base model; 0 leaves it out.</summary>
    public double Kl { get; init; }

    /// <summary>Learning rate.</summary>
    public LearningRate Rate { get; init; } = new() { Peak = 5e-5, WarmUp = 10, Last = 1 };

    /// <summary>Optimiser.</summary>
    public AdamWSettings Optimiser { get; init; } = new() { Decay = 0, Beta2 = 0.99 };

    /// <summary>Steps between checkpoints.</summary>
    public int CheckpointEvery { get; init; } = 20;

    /// <summary>When to stop.</summary>
    public StoppingRule Stop { get; init; } = new();
}

/// <summary>
/// Ends the stage at the first validation at which pass@1 has risen and pass@n has fallen enough against the base model, or at
/// the last step. The result is the validated state of the highest pass@1 among those whose pass@n has fallen enough, or among
/// all where none has. The validation problems are no others' problems.
/// </summary>
public sealed record StoppingRule
{
    /// <summary>Steps between validations.</summary>
    public int Every { get; init; } = 20;

    /// <summary>Validation problems; 0 never validates.</summary>
    public int Problems { get; init; } = 150;

    /// <summary>n, answers to each at temperature 1.</summary>
    public int Answers { get; init; } = 32;

    /// <summary>Gain at pass@1 that must be there.</summary>
    public double Gain { get; init; } = 0.1;

    /// <summary>Loss at pass@n that must be there.</summary>
    public double Narrowing { get; init; } = 0.04;
}
