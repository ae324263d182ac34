using ActivationReplay.Evaluation.Agents;
using ActivationReplay.Evaluation.Datasets;

namespace ActivationReplay.Training.Tasks.Zooming;

/// <summary>What a model of the zooming task is told: few words, for it reads each in the letters' tokens.</summary>
public static class ZoomPrompt
{
    /// <summary>The system message where there is a tool.</summary>
    public const string System = "Zoom in with image_zoom_in_tool.";

    /// <summary>The prompt with the tool.</summary>
    public static AgentPrompt WithTool { get; } = new(new ZoomTool(BoxCoordinates.Released), System, PromptTemplate.Parse("{question}"));

    /// <summary>The prompt without a tool: the picture and the question alone.</summary>
    public static AgentPrompt WithoutTool { get; } = new(null, null, PromptTemplate.Parse("{question}"));
}
