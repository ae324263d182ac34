using ActivationReplay.Checkpoints;
using ActivationReplay.Evaluation.Agents;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Inputs;
using ActivationReplay.Tests.Vision;
using ActivationReplay.Vision;

namespace ActivationReplay.Tests.Agents;

/// <summary>Conversations whose turns are written here, with the processor of the pair that ships.</summary>
internal static class Scripted
{
    public const string Call = """<tool_call>{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [28, 0, 112, 56], "label": "x"}}</tool_call>""";

    public const string SecondCall = """<tool_call>{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [0, 28, 84, 84]}}</tool_call>""";

    public static string Folder { get; } = Path.Combine(Goldens.Repository, "ablations", "pairs", "counting");

    public static Processor Processor { get; } = Processor.Load(Path.Combine(Folder, "base"), ModelConfig.Load(Path.Combine(Folder, "base")));

    public static AgentSettings Settings { get; } = new()
    {
        ContextTokens = 100_000,
        MaxNewTokens = 100,
        Limits = new PixelLimits(4 * 28 * 28, 16_384 * 28 * 28),
    };

    /// <summary>A picture of 112 × 84 pixels: 4 × 3 tokens of the small pair.</summary>
    public static RgbImage Picture { get; } = Pictures.Formula(112, 84);

    public static Sample Sample(string question = "How many?", string answer = "2") =>
        new("q1", question, [MediaFile.FromPixels("picture", Picture)], answer);

    public static Conversation Conversation(AgentPrompt? prompt = null, string question = "How many?") =>
        new(new AgentQuestion(Sample(question), prompt ?? AgentPrompt.Default(new ZoomTool())));

    /// <summary>The turn of a text, ended by <c>&lt;|im_end|&gt;</c>.</summary>
    public static TurnTokens Turn(string text, bool isFinished = true) =>
        new(Processor.Tokenizer.Encode(isFinished ? text + "<|im_end|>" : text), isFinished);

    /// <summary>One conversation with these turns of the model, to its end.</summary>
    public static Conversation Lead(Conversation conversation, AgentSettings? settings, params string[] turns)
    {
        new AgentLoop(Processor, settings ?? Settings).Run([conversation], open => [Turn(turns[open[0].Turns.Count])]);
        return conversation;
    }

    public static Conversation Lead(params string[] turns) => Lead(Conversation(), null, turns);
}
