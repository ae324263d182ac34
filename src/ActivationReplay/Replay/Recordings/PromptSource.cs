using ActivationReplay.Inputs;
using ActivationReplay.Text;

namespace ActivationReplay.Replay.Recordings;

/// <summary>Where a prompt comes from, for methods that need it again in another size.</summary>
/// <param name="processor">The pair's processor.</param>
/// <param name="messages">The conversation.</param>
/// <param name="limits">Pixels of each picture or frame at full size.</param>
public sealed class PromptSource(Processor processor, IReadOnlyList<ChatMessage> messages, PixelLimits limits = default)
{
    /// <summary>How bytes became pixel values.</summary>
    public Checkpoints.ImageProcessorConfig Pixels => processor.Images.Config;

    /// <summary>The prompt with pictures at a share of their sides, resized straight from what was decoded. Owned by the caller.</summary>
    public ModelInputs Prepare(double ratio = 1) => processor.Prepare(messages, limits with { Ratio = ratio == 1 ? null : ratio });
}
