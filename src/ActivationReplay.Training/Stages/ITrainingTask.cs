using ActivationReplay.Generation;
using ActivationReplay.Models;
using ActivationReplay.Training.Data;
using ActivationReplay.Training.Tasks;

namespace ActivationReplay.Training.Stages;

/// <summary>What a task gives to the stages: pictures to learn to see by, answers to learn by heart, problems with a reward.</summary>
internal interface ITrainingTask : IDisposable
{
    /// <summary>What the tower learns to tell of a visual token.</summary>
    IReadOnlyList<VisionQuestion> VisionQuestions { get; }

    /// <summary>The vision stage's pictures of a step, never seen before. The caller's dispose scope owns the pixels.</summary>
    VisionBatch VisionBatch(VisionSettings settings, int step);

    /// <summary>Computes the features of the pictures that supervised stages choose among.</summary>
    /// <param name="tower">The model with the trained tower.</param>
    /// <param name="pictures">How many.</param>
    /// <param name="cancel">Stops early.</param>
    void FillBank(QwenVlModel tower, int pictures, CancellationToken cancel);

    /// <summary>A supervised batch; seed and step decide it, so that a resumed run sees the same ones.</summary>
    /// <param name="settings">The stage.</param>
    /// <param name="first">Steps of the stages before, whose batches these are not.</param>
    /// <param name="step">The step.</param>
    /// <param name="models">Models with the frozen tower, a thread each.</param>
    TrainingBatch SupervisedBatch(SupervisedSettings settings, int first, int step, IReadOnlyList<QwenVlModel> models);

    /// <summary>Answers to problems <paramref name="first"/> to <paramref name="first"/> + <paramref name="count"/> − 1 of a split.</summary>
    /// <param name="policy">Models that answer, a thread each.</param>
    /// <param name="split">The split.</param>
    /// <param name="first">The first problem.</param>
    /// <param name="count">How many problems.</param>
    /// <param name="settings">How to sample; the seed of a problem is theirs plus its place among these.</param>
    /// <param name="keepRows">Whether to give what the update takes.</param>
    /// <param name="cancel">Cancels within one decoding step.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was cancelled.</exception>
    IReadOnlyList<RolloutGroup> Sample(
        IReadOnlyList<QwenVlModel> policy, ProblemSplit split, int first, int count, GenerationSettings settings, bool keepRows, CancellationToken cancel);

    /// <summary>The prompt up to the picture's end, of <see cref="Sample"/>'s rows.</summary>
    PicturePrefix Prefix { get; }
}
