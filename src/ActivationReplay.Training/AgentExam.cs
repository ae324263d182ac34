using ActivationReplay.Evaluation.Agents;
using ActivationReplay.Evaluation.Datasets;
using ActivationReplay.Generation;
using ActivationReplay.Inputs;
using ActivationReplay.Models;
using ActivationReplay.Training.Data;
using ActivationReplay.Training.Tasks.Zooming;

namespace ActivationReplay.Training;

/// <summary>A question for a model with a tool.</summary>
/// <param name="Sample">The question.</param>
/// <param name="Target">The box that a careful call asks for; null where it is not known.</param>
public sealed record AgentExamQuestion(Sample Sample, PictureBox? Target)
{
    /// <summary>A problem of the zooming task.</summary>
    public static AgentExamQuestion Of(ZoomProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        return new AgentExamQuestion(problem.ToSample(), problem.Asked.CellBox);
    }
}

/// <summary>Examines a model in conversations: n sampled ones and a greedy one about each question.</summary>
public static class AgentExam
{
    /// <summary>Leads every conversation.</summary>
    /// <param name="models">Equal models, a thread each.</param>
    /// <param name="processor">Their processor.</param>
    /// <param name="stopIds">Ids that end a turn.</param>
    /// <param name="questions">The questions.</param>
    /// <param name="prompt">What the model is told, with its tool or without.</param>
    /// <param name="turns">The most turns of a conversation.</param>
    /// <param name="settings">How to sample a turn; the greedy ones have the same limit of tokens.</param>
    /// <param name="cancel">Stops within a decoding step.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IReadOnlyList<ExamRow> Run(
        IReadOnlyList<QwenVlModel> models,
        Processor processor,
        IReadOnlyList<int> stopIds,
        IReadOnlyList<AgentExamQuestion> questions,
        AgentPrompt prompt,
        int turns,
        GenerationSettings settings,
        CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var sampler = new AgentSampler(models, processor, stopIds, turns);
        AgentQuestion[] asked = [.. questions.Select(q => new AgentQuestion(q.Sample, prompt))];
        var greedy = sampler.Run(asked, settings with { Temperature = 0, Samples = 1 }, keepFeatures: false, cancel);
        var sampled = sampler.Run(asked, settings, keepFeatures: false, cancel);
        return
        [
            .. questions.Select((question, i) => Row(
                question, [.. sampled[i].Select(led => led.Conversation)], ConversationReward.Of(greedy[i][0].Conversation))),
        ];
    }

    private static ExamRow Row(AgentExamQuestion question, Conversation[] led, double greedy)
    {
        var calls = led.Sum(c => c.Calls);
        var measures = new Dictionary<string, double>
        {
            ["calls an answer"] = (double)calls / led.Length,
            ["answered after a call"] = led.Average(c => c.Calls > 0 && c.End == ConversationEnd.Answered ? 1 : 0),
        };
        if (calls > 0)
        {
            measures["calls well-formed"] = 1 - ((double)led.Sum(c => c.MalformedCalls) / calls);
            measures["calls carried out"] = 1 - ((double)led.Sum(c => c.RefusedCalls) / calls);
        }

        double[] overlaps =
        [
            .. led.Select(c => c.Turns.Select(t => t.Answer?.Box).FirstOrDefault(box => box is not null))
                .Where(box => box is not null && question.Target is not null).Select(box => box!.Value.Overlap(question.Target!.Value)),
        ];
        if (overlaps.Length > 0)
        {
            measures["overlap of the first box"] = overlaps.Average();
        }

        return new ExamRow(
            question.Sample.Id,
            question.Sample.Family ?? "",
            [.. led.Select(ConversationReward.Of).Order()],
            greedy,
            led.Average(c => c.Turns.Sum(t => t.Tokens.Ids.Count)))
        {
            Measures = measures,
        };
    }
}
