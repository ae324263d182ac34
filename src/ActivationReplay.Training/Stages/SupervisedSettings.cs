using ActivationReplay.Training.Tasks;
using ActivationReplay.Training.Tasks.Clips;
using ActivationReplay.Training.Tasks.Zooming;
using ActivationReplay.Training.Weights;

namespace ActivationReplay.Training.Stages;

/// <summary>Settings of the supervised stage.</summary>
public sealed record SupervisedSettings
{
    /// <summary>Optimiser steps.</summary>
    public int Steps { get; init; } = 2000;

    /// <summary>Pictures a step.</summary>
    public int Pictures { get; init; } = 32;

    /// <summary>Questions about each picture.</summary>
    public int QuestionsPerPicture { get; init; } = 4;

    /// <summary>Learning rate.</summary>
    public LearningRate Rate { get; init; } = new() { Peak = 1.5e-3, WarmUp = 60 };

    /// <summary>Optimiser.</summary>
    public AdamWSettings Optimiser { get; init; } = new();

    /// <summary>How often each family is asked, by name; families left out have weight 1.</summary>
    public IReadOnlyDictionary<QuestionFamily, double> Families { get; init; } = new Dictionary<QuestionFamily, double>();

    /// <summary>The styles of answers, as consecutive phases of the stage.</summary>
    public IReadOnlyList<AnswerPhase> Phases { get; init; } = [new AnswerPhase()];

    /// <summary>Steps between checkpoints.</summary>
    public int CheckpointEvery { get; init; } = 100;

    /// <summary>The phase of a step.</summary>
    public AnswerPhase PhaseAt(int step) => Phases.FirstOrDefault(p => p.Until is null || step < p.Until) ?? Phases[^1];
}

/// <summary>The proportions of answer styles and the rates of slips during a part of the stage.</summary>
public sealed record AnswerPhase
{
    /// <summary>First step after the phase; null is the end.</summary>
    public int? Until { get; init; }

    /// <summary>The proportion of direct answers.</summary>
    public double Direct { get; init; } = 0.40;

    /// <summary>The proportion of brief answers; the rest are full.</summary>
    public double Brief { get; init; } = 0.25;

    /// <summary>The rates of careless slips.</summary>
    public SlipRates Slips { get; init; } = new();

    /// <summary>The proportions of conversations, where the task has a tool.</summary>
    public ConversationRates Conversations { get; init; } = new();

    /// <summary>The proportions of answers about clips.</summary>
    public ClipRates Clips { get; init; } = new();
}
