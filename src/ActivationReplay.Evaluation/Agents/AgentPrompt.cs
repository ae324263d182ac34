using System.Text.Encodings.Web;
using System.Text.Json;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Text;
using ActivationReplay.Vision;

namespace ActivationReplay.Evaluation.Agents;

/// <summary>
/// What an agent is told: a system message with the tool, the question, and after each of the tool's answers once more what
/// follows the question. The wording is this project's own where the caller has none.
/// </summary>
/// <param name="tool">The tool that may be called; null is none.</param>
/// <param name="system">The system message; null is none.</param>
/// <param name="template">The template of the first user turn; what follows the question in it is said again in every further one.</param>
public sealed class AgentPrompt(IAgentTool? tool, string? system, PromptTemplate template)
{
    private const string ResponseBegin = "<tool_response>";
    private const string ResponseEnd = "</tool_response>";

    private static readonly JsonSerializerOptions json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The template in words of our own, with a tool or without.</summary>
    public static string DefaultTemplate(IAgentTool? tool) =>
        "{hint}\n{question}\n{options}\n"
        + (tool is null
            ? "Think first, inside <think> and </think>. Then give the answer inside <answer> and </answer>."
            : $"Think first, inside <think> and </think>. Then either look closer with a call inside {CallParser.Begin} and {CallParser.End}, "
                + "or give the answer inside <answer> and </answer>.");

    /// <summary>The system message in words of our own, with a tool or without.</summary>
    public static string DefaultSystem(IAgentTool? tool) => tool is null
        ? "You answer questions about a picture."
        : "You answer questions about a picture. What you need may be too small to be made out at first. This tool helps:\n"
            + $"{tool.Name}: {tool.Description}\nIts arguments, as a JSON schema: {tool.Schema.ToJsonString(json)}\n"
            + $$"""To use it, write {{CallParser.Begin}}{"name": "{{tool.Name}}", "arguments": {{tool.Example}}}{{CallParser.End}} and wait for its answer."""
            + " Use it as often as you need, once a turn.";

    /// <summary>The prompt of our own wording.</summary>
    public static AgentPrompt Default(IAgentTool? tool) => new(tool, DefaultSystem(tool), PromptTemplate.Parse(DefaultTemplate(tool)));

    /// <summary>The tool that may be called; null is none.</summary>
    public IAgentTool? Tool => tool;

    /// <summary>The system message; null is none.</summary>
    public string? System => system;

    /// <summary>The messages that begin a conversation: the system message, and a user's turn of picture and question.</summary>
    public IReadOnlyList<ChatMessage> Opening(Sample sample, MediaFile picture)
    {
        var user = ChatMessage.User(new ImagePart(picture), new TextPart(template.Fill(sample)));
        return system is null ? [user] : [ChatMessage.System(system), user];
    }

    /// <summary>The user's turn with a tool's answer: the picture, or what is wrong with the call.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="name">The picture's name, for errors.</param>
    public ChatMessage Response(ToolAnswer answer, string name)
    {
        ContentPart shown = answer.Picture is { } picture ? new ImagePart(MediaFile.FromPixels(name, picture)) : new TextPart(answer.Problem!);
        return ChatMessage.User(new TextPart(ResponseBegin), shown, new TextPart(template.AfterQuestion), new TextPart(ResponseEnd));
    }

    /// <summary>What a tool says to a turn's call; null where the turn makes none, or there is no tool.</summary>
    public ToolAnswer? Answer(string turn, PictureView view)
    {
        if (tool is null || CallParser.Read(turn) is not { } reading)
        {
            return null;
        }

        return reading.Call is not { } call ? ToolAnswer.Refused(reading.Refusal!.Value, reading.Problem!)
            : call.Name != tool.Name ? ToolAnswer.Refused(CallRefusal.OtherTool, $"There is no tool of that name; there is {tool.Name}.")
            : tool.Run(call.Arguments, view);
    }
}
