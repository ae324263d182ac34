using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Text;
using ActivationReplay.Vision;

namespace ActivationReplay.Evaluation.Agents;

/// <summary>A question with its picture decoded once, as any number of conversations begin with it.</summary>
public sealed class AgentQuestion
{
    /// <summary>Decodes the picture.</summary>
    /// <param name="sample">The question.</param>
    /// <param name="prompt">What the agent is told.</param>
    /// <exception cref="MediaException">The question has none or several pictures, or its picture cannot be read.</exception>
    public AgentQuestion(Sample sample, AgentPrompt prompt)
    {
        if (sample.Images.Count != 1)
        {
            throw new MediaException(
                $"question {sample.Id}", $"has {sample.Images.Count} pictures; a conversation with a tool is about one.");
        }

        (Sample, Prompt) = (sample, prompt);
        Picture = ImageDecoder.Decode(sample.Images[0]);
        Opening = prompt.Opening(sample, MediaFile.FromPixels(sample.Images[0].Name, Picture));
    }

    /// <summary>The question.</summary>
    public Sample Sample { get; }

    /// <summary>What the agent is told.</summary>
    public AgentPrompt Prompt { get; }

    /// <summary>The picture as the data set has it.</summary>
    public RgbImage Picture { get; }

    /// <summary>The messages before the model's first turn.</summary>
    public IReadOnlyList<ChatMessage> Opening { get; }
}
