using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Text;

namespace ActivationReplay.Ablations.Configuration;

/// <summary>The messages with which a run asks its questions.</summary>
internal static class AskedPrompt
{
    /// <summary>The first prompt of a question; of a conversation that with a tool, where there is one.</summary>
    public static IReadOnlyList<ChatMessage> First(RunConfig config, Sample sample) =>
        config.Agent is { } agent && sample.Images.Count == 1
            ? agent.Prompt(config, config.Cells.FirstOrDefault(c => c.Tool != AgentConfig.NoTool) ?? config.Cells[0]).Opening(sample, sample.Images[0])
            : sample.Conversation(config.SystemPrompt);

    /// <summary>
    /// The prompt that memory is planned for: of a conversation the second one, after a turn of full length that called for a part as
    /// large as the whole picture. Further turns are seldom, and what does not fit then is tried in smaller batches.
    /// </summary>
    public static IReadOnlyList<ChatMessage> Planned(RunConfig config, Sample sample)
    {
        var first = First(config, sample);
        return config.Agent is { HasTool: true, Turns: > 1 } && sample.Images.Count == 1
            ?
            [
                .. first,
                ChatMessage.Assistant(new int[config.Generation.MaxNewTokens]),
                ChatMessage.User(new ImagePart(sample.Images[0]), new TextPart(sample.Prompt)),
            ]
            : first;
    }
}
