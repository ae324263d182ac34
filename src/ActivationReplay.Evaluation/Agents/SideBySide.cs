using System.Runtime.ExceptionServices;

namespace ActivationReplay.Evaluation.Agents;

/// <summary>Work on several items at a time, whose exceptions reach the caller as they are.</summary>
internal static class SideBySide
{
    /// <summary>Runs an action on every item.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was cancelled.</exception>
    public static void ForEach<T>(IReadOnlyList<T> items, int workers, Action<T> action, CancellationToken cancel)
    {
        try
        {
            Parallel.ForEach(items, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = cancel }, action);
        }
        catch (AggregateException e)
        {
            cancel.ThrowIfCancellationRequested();
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }
}
