using ActivationReplay.Inputs;
using ActivationReplay.Text;

namespace ActivationReplay.Replay.Recordings;

/// <summary>Where a prompt comes from: its messages and their processor, for methods that need its pictures in another form.</summary>
/// <param name="processor">The processor of the pair.</param>
/// <param name="messages">The conversation.</param>
/// <param name="limits">Limits on the area of each picture or frame at full size.</param>
public sealed class PromptSource(Processor processor, IReadOnlyList<ChatMessage> messages, PixelLimits limits = default)
{
    /// <summary>
    /// The id of the question that the prompt asks: what a method chooses at random follows from it and the method's seed, so that
    /// questions do not share it. Null takes the seed alone.
    /// </summary>
    public string? QuestionId { get; init; }

    /// <summary>The settings of the picture processor, for rescaling and normalisation.</summary>
    public Checkpoints.ImageProcessorConfig Pixels => processor.Images.Config;

    /// <summary>
    /// Makes the prompt with the sides of its pictures scaled by <paramref name="ratio"/>, in (0, 1]. Owned by the caller.
    /// </summary>
    public ModelInputs Prepare(double ratio = 1) => processor.Prepare(messages, limits with { Ratio = ratio == 1 ? null : ratio });
}
