using System.Text.Json;
using System.Text.Json.Nodes;
using ActivationReplay.Vision;

namespace ActivationReplay.Evaluation.Agents;

/// <summary>A tool that a model may call amid a conversation. It is stateless: any thread may use it for any conversation.</summary>
public interface IAgentTool
{
    /// <summary>The name by which it is called.</summary>
    string Name { get; }

    /// <summary>What it is for, in words for the model.</summary>
    string Description { get; }

    /// <summary>The JSON schema of its arguments, an object's.</summary>
    JsonObject Schema { get; }

    /// <summary>Arguments as an example for the model, as JSON.</summary>
    string Example { get; }

    /// <summary>
    /// Answers a call. The arguments are what a model wrote: they are checked here and never evaluated, and no path or address in
    /// them is opened.
    /// </summary>
    /// <param name="arguments">A JSON object, of any keys and values.</param>
    /// <param name="view">The picture of the question.</param>
    /// <returns>The answer, or why there is none.</returns>
    ToolAnswer Run(JsonElement arguments, PictureView view);
}

/// <summary>The picture that a question is about.</summary>
/// <param name="Original">The picture as the data set has it.</param>
/// <param name="SeenWidth">The pixels in a row at the size at which the model sees it.</param>
/// <param name="SeenHeight">The rows at that size.</param>
public sealed record PictureView(RgbImage Original, int SeenWidth, int SeenHeight);

/// <summary>A rectangle of whole pixels of the original picture, right and bottom excluded.</summary>
/// <param name="Left">The first column.</param>
/// <param name="Top">The first row.</param>
/// <param name="Right">The column after the last.</param>
/// <param name="Bottom">The row after the last.</param>
public readonly record struct PictureBox(int Left, int Top, int Right, int Bottom)
{
    /// <summary>Pixels in a row.</summary>
    public int Width => Right - Left;

    /// <summary>Rows.</summary>
    public int Height => Bottom - Top;

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{Left} {Top} {Right} {Bottom}");
}

/// <summary>A tool's answer: a picture, or why the call is refused.</summary>
public sealed record ToolAnswer
{
    private ToolAnswer()
    {
    }

    /// <summary>The picture; null where the call is refused.</summary>
    public RgbImage? Picture { get; private init; }

    /// <summary>Where in the original the picture is from.</summary>
    public PictureBox? Box { get; private init; }

    /// <summary>Why the call is refused; null where it is not.</summary>
    public CallRefusal? Refusal { get; private init; }

    /// <summary>What is wrong with the call, in words for the model.</summary>
    public string? Problem { get; private init; }

    /// <summary>A part of the picture.</summary>
    public static ToolAnswer Part(RgbImage picture, PictureBox box) => new() { Picture = picture, Box = box };

    /// <summary>A refusal.</summary>
    /// <param name="refusal">Why.</param>
    /// <param name="problem">What is wrong and what would be right, in words for the model.</param>
    public static ToolAnswer Refused(CallRefusal refusal, string problem) => new() { Refusal = refusal, Problem = problem };
}
