using ActivationReplay.Evaluation.Agents;
using ActivationReplay.Verification;

namespace ActivationReplay.Training.Data;

/// <summary>The reward of a conversation: for the right answer alone.</summary>
internal static class ConversationReward
{
    /// <summary>1 where it ended with an answer and that is right, else 0.</summary>
    public static double Of(Conversation conversation) =>
        conversation.End == ConversationEnd.Answered
        && AnswerVerifier.Verify(conversation.Question.Sample.Reference, conversation.Judged).IsCorrect ? 1 : 0;
}
